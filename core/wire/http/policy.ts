/**
 * The headers of every answer that carries the window, the same from `lab://app/` and from the browser
 * host. Nothing inline, nothing from elsewhere, no eval, nobody may frame it.
 */

export type PolicyOptions = {
  /** Further `connect-src` sources, e.g. `ws://127.0.0.1:4747`. */
  connect?: readonly string[]
  /** Vite's development server puts styles into the page as `<style>`; never set in the product. */
  development?: boolean
}

/** Vue compiles its templates into calls of this one Trusted Types policy. */
const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types vue"

export function contentSecurityPolicy({ connect = [], development = false }: PolicyOptions = {}): string {
  const rules = [
    "default-src 'none'",
    "script-src 'self'",
    development ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  if (!development) rules.push(TRUSTED_TYPES)
  return rules.join('; ')
}

export function securityHeaders(options: PolicyOptions = {}): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(options),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}
