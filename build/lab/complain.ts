/** A command line that was not understood: what is wrong, how it is written, and where more stands. Exit code 2. */
export function complain(message: string, usage: string, command: string): 2 {
  process.stderr.write(`${message}\n${usage.split('\n')[0]}\nMore: npm run lab -- ${command} --help\n`)
  return 2
}
