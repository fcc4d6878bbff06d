/** Why the WebSocket library broke a connection off: the code that it told the client (RFC 6455, 7.4.1), and its words. */

const CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1_009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1_009,
  WS_ERR_INVALID_UTF8: 1_007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1_008,
}

const BAD_FRAMING = 1_002
/** The socket itself failed: nobody was told anything. */
const RESET = 1_006
/** Longest reason that an input of the run holds. */
const REASON_LENGTH = 200

export function brokenOff(error: Error & { code?: string }): { code: number; reason: string; turnedAway: boolean } {
  const { code = '', message } = error
  const turnedAway = code.startsWith('WS_ERR_')
  return { code: turnedAway ? (CODES[code] ?? BAD_FRAMING) : RESET, reason: message.slice(0, REASON_LENGTH), turnedAway }
}
