import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLI_COMMANDS } from '../../../core/admin/cli/reader.ts'
import { SQL_TABLES } from '../../../core/admin/sql/tables.ts'
import { SYSLOG_PATH } from '../../../core/serviceability/traceLog.ts'
import { TRACE_SERVICES } from '../../../core/serviceability/traceServices.ts'

const text = readFileSync(new URL('../../../docs/admin.md', import.meta.url), 'utf8')

describe('docs/admin.md', () => {
  it.each(CLI_COMMANDS.filter(({ words }) => words.join(' ') !== 'file get').map(({ words }) => [words.join(' '), words] as const))(
    '[TRB-06] names %s',
    (_line, words) => {
      // `utils service list|start|stop|restart` stands for four.
      const row = text.split('\n').find((line) => line.startsWith('|') && words.every((word) => line.includes(word)))
      expect(row).toBeDefined()
    },
  )

  it('[TRB-09][DEC-16] names every folder of traces and every table', () => {
    for (const { folder } of Object.values(TRACE_SERVICES)) expect(text).toContain(`\`${folder}/\``)
    expect(text).toContain(SYSLOG_PATH.slice('/var/log/active'.length))
    for (const { name } of SQL_TABLES) expect(text).toContain(`\`${name}\``)
  })
})
