/** Imported first: an older Node would stop at something that says nothing to people. */
const MAJOR = 20
const MINOR = 19

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < MAJOR || (major === MAJOR && minor < MINOR)) {
  console.error(`Push Lab needs Node ${MAJOR}.${MINOR} or newer, and this is Node ${process.versions.node} (${process.execPath}).`)
  process.exit(2)
}
