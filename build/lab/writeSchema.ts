/** `npx tsx build/lab/writeSchema.ts`: writes scenarios/schema.json and the field list of the documentation. */
import { readFileSync, writeFileSync } from 'node:fs'
import { scenarioJsonSchemaText } from '../../core/scenario/describe.ts'
import { withFieldTable } from '../../core/scenario/fieldTable.ts'

const root = new URL('../../', import.meta.url)
writeFileSync(new URL('scenarios/schema.json', root), scenarioJsonSchemaText())
const page = new URL('docs/scenario-format.md', root)
writeFileSync(page, withFieldTable(readFileSync(page, 'utf8')))
