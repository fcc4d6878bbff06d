/** file list, view, search and tail on the active log: the traces of this node (TRB-09). */
import type { TraceFile } from '../../contract/admin.ts'
import { PATTERN_LIMITS, readPattern } from '../../scenario/pattern.ts'
import { log4jDate } from '../../serviceability/calendar.ts'
import { cutNote } from '../../serviceability/traceBundle.ts'
import { traceFiles } from '../../serviceability/traceFiles.ts'
import { openTrace, SYSLOG_PATH, type OpenTrace } from '../../serviceability/traceLog.ts'
import { ACTIVE_LOG, TRACE_SERVICES, tracedOn } from '../../serviceability/traceServices.ts'
import { atOnce, type Steps } from '../../steps.ts'
import { ANYWHERE, LINES_MAX, READS, refused, said, splitArgs, type CliAnswer, type CliCommand, type CliContext } from './command.ts'
import { byWord, lastArgument, type CliWord, type Offer } from './offers.ts'

const TAIL_LINES = 10
const NOTHING = 'no such file or directory can be found'

/** Path below /var/log/active, beginning with a slash and without one at its end. */
function below(text: string): string {
  const full = text.startsWith(`${ACTIVE_LOG}/`) ? text.slice(ACTIVE_LOG.length) : text
  return `/${full
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`
}

/** `*` stands for any characters, `?` for one; never across a slash. */
export function globFits(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let mark = 0
  for (let i = 0; i < name.length;) {
    const sign = pattern[at]
    if (sign === '*') {
      star = at++
      mark = i
    } else if (sign !== undefined && (sign === name[i] || (sign === '?' && name[i] !== '/'))) {
      at++
      i++
    } else if (star >= 0 && name[mark] !== '/') {
      at = star + 1
      i = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

const shortPath = (file: TraceFile): string => file.path.slice(ACTIVE_LOG.length)

const filesOf = ({ world, node }: CliContext): Steps<TraceFile[]> => traceFiles(world, node.id)

/** Folders of this node, also those that are empty still. */
function foldersOf({ node }: CliContext): string[] {
  const folders = new Set<string>(['/'])
  const paths = [
    ...tracedOn(node).map((name) => TRACE_SERVICES[name].folder),
    SYSLOG_PATH.slice(ACTIVE_LOG.length, SYSLOG_PATH.lastIndexOf('/')),
  ]
  for (const path of paths) {
    const parts = path.split('/').slice(1)
    for (let n = 1; n <= parts.length; n++) folders.add(`/${parts.slice(0, n).join('/')}`)
  }
  return [...folders]
}

/** The arguments of a `file` command behind the kind of log. */
function logArgs(rest: string): { args: string[] } | CliAnswer {
  const [log = '', ...args] = splitArgs(rest)
  if (log.toLowerCase() === 'activelog') return { args }
  if (['inactivelog', 'install', 'tftp'].includes(log.toLowerCase())) return refused(`${log} is not modelled`, 'Use activelog.')
  return refused(log === '' ? 'a log is needed' : `"${log}" is no log`, 'Right form: file list activelog cm/trace/ccmpns/log4j/*')
}

const isAnswer = (found: object): found is CliAnswer => 'output' in found

function* list(context: CliContext, rest: string): Steps<CliAnswer> {
  const read = logArgs(rest)
  if (isAnswer(read)) return read
  const options = new Set(read.args.filter((arg) => ['page', 'detail', 'reverse', 'date', 'size'].includes(arg)))
  const spec = read.args.find((arg) => !options.has(arg))
  if (spec === undefined) return refused('a path is needed', 'Right form: file list activelog cm/trace/ccmpns/log4j/* [detail] [reverse]')
  const folders = foldersOf(context)
  const path = below(spec)
  const pattern = folders.includes(path) ? `${path === '/' ? '' : path}/*` : path
  const files = (yield* filesOf(context)).filter((file) => globFits(pattern, shortPath(file)))
  const inside = folders.filter((folder) => folder !== '/' && globFits(pattern, folder)).toSorted()
  if (files.length + inside.length === 0 && !folders.includes(path)) return refused(NOTHING)
  if (options.has('date')) files.sort((a, b) => a.lastAt - b.lastAt)
  if (options.has('size')) files.sort((a, b) => a.bytes - b.bytes)
  if (options.has('reverse')) files.reverse()
  const nameOf = (text: string): string => text.slice(text.lastIndexOf('/') + 1)
  const lines = inside.map((folder) => `<dir>   ${nameOf(folder)}`)
  for (const file of files) {
    const { lastAt, bytes } = file
    lines.push(
      options.has('detail')
        ? `${log4jDate(lastAt).slice(0, 19)} ${String(bytes).padStart(10)}  ${nameOf(shortPath(file))}`
        : `        ${nameOf(shortPath(file))}`,
    )
  }
  const count = `dir count = ${inside.length}, file count = ${files.length}`
  return said([...lines, count], count)
}

function* one(context: CliContext, spec: string | undefined, form: string): Steps<OpenTrace | CliAnswer> {
  if (spec === undefined) return refused('a file is needed', `Right form: ${form}`)
  if (/[*?]/.test(spec)) return refused('one file, without wildcards, is needed', 'file list shows the names.')
  return (yield* openTrace(context.world, context.node, `${ACTIVE_LOG}${below(spec)}`)) ?? refused(NOTHING)
}

const notes = ({ world }: CliContext, { file }: OpenTrace): string[] => (file.cut ? [cutNote(world)] : [])

function* view(context: CliContext, rest: string): Steps<CliAnswer> {
  const read = logArgs(rest)
  if (isAnswer(read)) return read
  const trace = yield* one(context, read.args[0], 'file view activelog cm/trace/ccmpns/log4j/ccmpns00000001.log')
  if (isAnswer(trace)) return trace
  const lines = [...notes(context, trace), ...trace.lines.map(({ text }) => text)]
  if (lines.length > LINES_MAX)
    lines.splice(LINES_MAX - 1, Infinity, `... ${trace.lines.length} lines in all: file tail shows the last ones, file search finds some`)
  return said(lines, `${trace.lines.length} lines`)
}

function* tail(context: CliContext, rest: string): Steps<CliAnswer> {
  const read = logArgs(rest)
  if (isAnswer(read)) return read
  const [spec, number = String(TAIL_LINES)] = read.args
  const count = /^\d{1,4}$/.test(number) ? Number(number) : 0
  if (count < 1 || count > LINES_MAX) return refused(`"${number}" is not a number of lines from 1 to ${LINES_MAX}`)
  const trace = yield* one(context, spec, `file tail activelog <file> [<lines>]`)
  if (isAnswer(trace)) return trace
  return said(
    trace.lines.slice(-count).map(({ text }) => text),
    `last ${Math.min(count, trace.lines.length)} of ${trace.lines.length} lines`,
  )
}

function* search(context: CliContext, rest: string): Steps<CliAnswer> {
  const read = logArgs(rest)
  if (isAnswer(read)) return read
  const [spec, ...words] = read.args.filter((arg) => arg.toLowerCase() !== 'ignorecase')
  if (spec === undefined || words.length === 0)
    return refused(
      'files and an expression are needed',
      'Right form: file search activelog cm/trace/ccmpns/log4j/* "Response received : 400"',
    )
  const expression = words.join(' ')
  const pattern = readPattern(`/${expression}/`)
  if (!pattern.ok) return refused(pattern.message, pattern.fix)
  const exact = words.length + 1 === read.args.length ? new RegExp(expression) : null
  const fits = (text: string): boolean => pattern.matcher.test(text) && (exact?.test(text.slice(0, PATTERN_LIMITS.subject)) ?? true)
  const path = below(spec)
  const glob = foldersOf(context).includes(path) ? `${path}/*` : path
  const files = (yield* filesOf(context)).filter((file) => globFits(glob, shortPath(file)))
  if (files.length === 0) return refused(NOTHING)
  const lines: string[] = []
  let found = 0
  let first = ''
  for (const file of files) {
    yield
    const hits = (yield* openTrace(context.world, context.node, file.path))?.lines.filter(({ text }) => fits(text)) ?? []
    if (hits.length === 0) continue
    lines.push(`Searching path: ${file.path}`, ...hits.map(({ text }) => text), '')
    found += hits.length
    first ||= hits[0]?.text ?? ''
  }
  lines.push(`Search completed: ${found} line${found === 1 ? '' : 's'} in ${files.length} file${files.length === 1 ? '' : 's'}`)
  return said(lines, `${found} line${found === 1 ? '' : 's'}${found > 0 ? `, first: ${first}` : ''}`)
}

/** Files and folders that go on from the folder that was typed, one level at a time. */
function pathOffers(context: CliContext, path: string): CliWord[] {
  const folder = path.startsWith(`${ACTIVE_LOG}/`) ? path.slice(ACTIVE_LOG.length) : `/${path}`
  const inside = `/${folder.split('/').slice(1, -1).filter(Boolean).join('/')}`
  const under = inside === '/' ? '/' : `${inside}/`
  const parentOf = (full: string): string => full.slice(0, full.lastIndexOf('/') + 1)
  const nameOf = (full: string): string => full.slice(full.lastIndexOf('/') + 1)
  const folders = foldersOf(context)
    .filter((each) => each !== '/' && parentOf(each) === under)
    .map((each) => ({ word: `${nameOf(each)}/`, help: serviceAt(context, each) }))
  const files = atOnce(filesOf(context))
    .filter((file) => parentOf(shortPath(file)) === under)
    .map((file) => ({ word: nameOf(shortPath(file)), help: `${file.lines} lines, until ${log4jDate(file.lastAt).slice(0, 19)}` }))
  return [...folders.toSorted(byWord), ...files]
}

/** Who writes below a folder. */
const serviceAt = ({ node }: CliContext, folder: string): string => {
  const below = tracedOn(node).filter((name) => `${TRACE_SERVICES[name].folder}/`.startsWith(`${folder}/`))
  return below.length > 0 ? below.join(', ') : 'alarms as CiscoLog'
}

/** The log, a path, then the options of the command. */
const offersWith =
  (options: readonly CliWord[]): Offer =>
  (context, typed) => {
    const { number, from, text, before } = lastArgument(typed)
    if (number === 0) return { from, words: [{ word: 'activelog', help: 'logs of the active version' }] }
    if (number === 1) return { from: from + text.lastIndexOf('/') + 1, words: pathOffers(context, text) }
    return { from, words: options.filter(({ word }) => !before.includes(word)) }
  }

const LIST_OPTIONS: readonly CliWord[] = [
  { word: 'date', help: 'by date' },
  { word: 'detail', help: 'with date and bytes' },
  { word: 'page', help: 'page by page: here output is scrolled' },
  { word: 'reverse', help: 'last one first' },
  { word: 'size', help: 'by size' },
]

export const FILE_COMMANDS: readonly CliCommand[] = [
  {
    words: ['file', 'list'],
    takes: 'activelog <path> [detail] [reverse] [date|size]',
    help: 'files of a folder',
    on: ANYWHERE,
    changes: READS,
    offers: offersWith(LIST_OPTIONS),
    run: list,
  },
  {
    words: ['file', 'view'],
    takes: 'activelog <file>',
    help: 'a file from its beginning',
    on: ANYWHERE,
    changes: READS,
    offers: offersWith([]),
    run: view,
  },
  {
    words: ['file', 'search'],
    takes: 'activelog <files> "<expression>" [ignorecase]',
    help: 'lines that match',
    on: ANYWHERE,
    changes: READS,
    offers: offersWith([{ word: 'ignorecase', help: 'in any letter case' }]),
    run: search,
  },
  {
    words: ['file', 'tail'],
    takes: 'activelog <file> [<lines>]',
    help: 'the end of a file',
    on: ANYWHERE,
    changes: READS,
    offers: offersWith([]),
    run: tail,
  },
  {
    words: ['file', 'get'],
    takes: 'activelog <files>',
    help: 'fetch files',
    on: ANYWHERE,
    changes: READS,
    offers: offersWith([]),
    run: () => refused('this lab has no SFTP server', 'Export the traces as a bundle instead (command traces.export).'),
  },
]
