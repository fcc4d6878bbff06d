/** Trace files under their service and node, in the order of the nodes; a service without a file stands there, too. */
import type { TraceFile, TraceLevel, TraceView } from '../../../core/contract/index.ts'

export type FileGroup = {
  key: string
  node: string
  service: TraceFile['service']
  /** Null for the alarms: they have no level to set. */
  level: TraceLevel | null
  /** Empty where nothing was written yet. */
  folder: string
  files: TraceFile[]
}

export function fileGroups(view: TraceView): FileGroup[] {
  const groups = new Map<string, FileGroup>()
  const group = (node: string, service: TraceFile['service'], level: TraceLevel | null): FileGroup => {
    const key = `${node}\n${service}`
    const known = groups.get(key)
    if (known) return known
    const made: FileGroup = { key, node, service, level, folder: '', files: [] }
    groups.set(key, made)
    return made
  }
  for (const { node, service, level } of view.levels) group(node, service, level)
  for (const file of view.files) {
    const found = group(file.node, file.service, null)
    found.files.push(file)
    found.folder = file.path.slice(0, file.path.lastIndexOf('/'))
  }
  const nodes = [...new Set([...groups.values()].map(({ node }) => node))]
  return nodes.flatMap((node) => [...groups.values()].filter((one) => one.node === node))
}

export const shortService = (service: TraceFile['service']): string =>
  service === 'syslog' ? 'Alarms (CiscoLog)' : service.replace(/^Cisco /, '')
