/**
 * The Cisco Cloud Onboarding page from the terminal: `lab onboarding`, which no real CLI has. What the page asks of a person
 * is one line each, so that the whole procedure can be typed, and scripted (issue 6, ONB-06 to ONB-14).
 */
import { register, synchronise, generateVoucher } from '../../onboarding/licensing.ts'
import { LABELS, notOpen, openPage, tick } from '../../onboarding/page.ts'
import { save } from '../../onboarding/save.ts'
import { settleAll } from '../../onboarding/subscribe.ts'
import { onboardingView } from '../../onboarding/view.ts'
import type { Boxes } from '../../onboarding/state.ts'
import {
  CHANGES,
  column,
  READS,
  refused,
  said,
  splitArgs,
  type CliAnswer,
  type CliCommand,
  type CliContext,
  type CliHost,
} from './command.ts'
import { anyOf } from './offers.ts'

const PUBLISHER: readonly CliHost[] = ['publisher']

const NAMES = Object.keys(LABELS) as (keyof Boxes)[]

function show({ world }: CliContext): CliAnswer {
  const { status, messages, boxes, voucher, licensing, restarts, tasks } = onboardingView(world)
  const licensed = licensing.kind === 'Smart Licensing' ? licensing.registered : licensing.synchronised
  return said([
    `Status: ${status}`,
    ...messages.map(({ text, explanation }) => `  "${text}" (${explanation})`),
    `${licensing.kind}: ${licensed ? 'done' : 'not done'}; voucher: ${voucher.state}`,
    ...NAMES.map((name) => `${boxes[name] ? '[x]' : '[ ]'} ${column(name, 20)}${LABELS[name]}`),
    ...restarts.map(({ node, service, effect }) => `restart ${service} on ${node}: ${effect}`),
    ...tasks.map(({ number, title, state }) => `${number} ${column(title, 48)}${state}`),
  ])
}

/** What an act of the page has come to: a sentence when it was refused, else what follows. */
const done = (result: object | string | null, text: string): CliAnswer => (typeof result === 'string' ? refused(result) : said(text))

function boxes({ world }: CliContext, rest: string, ticked: boolean): CliAnswer {
  const words = splitArgs(rest)
  const named = words.map((word) => NAMES.find((name) => name.toLowerCase() === word.toLowerCase()))
  const unknown = words[named.indexOf(undefined)]
  const right = `Right form: lab onboarding ${ticked ? 'tick' : 'clear'} push manageCertificates. Boxes: ${NAMES.join(', ')}`
  if (words.length === 0) return refused('a check box is needed', right)
  if (unknown !== undefined) return refused(`there is no check box "${unknown}"`, right)
  const change = Object.fromEntries(named.map((name) => [name, ticked])) as Partial<Boxes>
  return done(tick(world, change), `${ticked ? 'Ticked' : 'Cleared'}: ${words.join(', ')}. Nothing holds before lab onboarding save.`)
}

function licence({ world }: CliContext, act: () => string | null, text: string): CliAnswer {
  const refusal = act()
  if (refusal === null) settleAll(world)
  return done(refusal, text)
}

const command = (
  words: readonly string[],
  help: string,
  run: CliCommand['run'],
  more: Partial<Pick<CliCommand, 'takes' | 'changes' | 'offers'>> = {},
): CliCommand => ({ words: ['lab', ...words], takes: '', help, on: PUBLISHER, changes: CHANGES, run, ...more })

const offers = anyOf(NAMES.map((word) => ({ word, help: LABELS[word] })))

export const ONBOARDING_COMMANDS: readonly CliCommand[] = [
  command(['license', 'register'], 'register with Smart Licensing (from 12.0)', (context) =>
    licence(context, () => register(context.world, true), 'Registered with CSSM.'),
  ),
  command(['license', 'synchronize'], 'Prime License Manager: Synchronize Licenses (11.5 only)', (context) =>
    licence(context, () => synchronise(context.world), 'Licenses synchronized.'),
  ),
  command(['onboarding', 'show'], 'the page: status, boxes, voucher, restarts that are due, tasks', show, { changes: READS }),
  command(['onboarding', 'open'], 'open Advanced Features > Cisco Cloud Onboarding; its checks take a moment', ({ world, node }) =>
    done(openPage(world, node), 'The page opens: cloud reachability and certificates are checked first. lab onboarding show tells.'),
  ),
  command(['onboarding', 'voucher'], 'press Generate Voucher', ({ world }) =>
    done(notOpen(world) ?? generateVoucher(world), 'Licensing synchronized, voucher stored.'),
  ),
  command(['onboarding', 'tick'], 'tick check boxes', (context, rest) => boxes(context, rest, true), { takes: '<box> ...', offers }),
  command(['onboarding', 'clear'], 'clear check boxes', (context, rest) => boxes(context, rest, false), { takes: '<box> ...', offers }),
  command(['onboarding', 'save'], 'press Save', ({ world }) => done(save(world), `Saved. ${onboardingView(world).status}`)),
]
