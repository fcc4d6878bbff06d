/** The hops that make a push call what it is, in their order (CH-10), as the ladder speaks them. */
const THE_WAY = [
  /INVITE 5001: held: device suspended/,
  /ucm-sub1 CallManager to ucm-sub1 CPNS, CPNS, push request/,
  /CPNS to Push REST, HTTPS, POST push/,
  /Push REST to APNs, APNs, POST/,
  /200 OK: accepted by APNs, not yet delivered/,
  /APNs to Ana's iPhone 14, APNs, deliver incoming call/,
  /CallKit: Dr\. Okafor 5010/,
  /Ana's iPhone 14 to ucm-sub1 CallManager, SIP, REGISTER/,
  /ucm-sub1 CallManager to Ana's iPhone 14, SIP, INVITE 5001/,
  /Ana's iPhone 14 to ucm-sub1 CallManager, SIP, 200 OK: answered/,
  /ucm-pub CallManager to Dr\. Okafor's desk phone, SIP, 200 OK/,
]
const CALLKIT = THE_WAY[6]!
const INVITED = THE_WAY[8]!
const ANSWERED = THE_WAY[9]!
const RINGING = /Ana's iPhone 14 to ucm-sub1 CallManager, SIP, 180 Ringing/
const BY_THE_USER = /user answers/

/**
 * What is wrong with a ladder of the answered first call, or null. CallKit rings before the INVITE is there (CALL-07):
 * a person quick enough answers in between, and then the phone has no reason left to say 180 Ringing. A hop stands
 * where it ends, so a person may also answer while 180 Ringing is under way.
 */
export function wrongOnTheWay(hops: readonly string[]): string | null {
  const at = (hop: RegExp): number => hops.findIndex((each) => hop.test(each))
  const late = at(BY_THE_USER) > at(INVITED)
  return (
    missed(hops, THE_WAY) ??
    missed(hops, [CALLKIT, BY_THE_USER, ANSWERED]) ??
    (late ? missed(hops, [INVITED, RINGING, ANSWERED]) : at(RINGING) === -1 ? null : '180 Ringing after the user answered')
  )
}

function missed(hops: readonly string[], wanted: readonly RegExp[]): string | null {
  let from = 0
  for (const each of wanted) {
    const at = hops.findIndex((hop, index) => index >= from && each.test(hop))
    if (at === -1) return `no ${each} after hop ${from} of\n${hops.join('\n')}`
    from = at + 1
  }
  return null
}
