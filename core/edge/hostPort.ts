/** A host and a port, as they stand in a URL or a message: an IPv6 address goes into brackets, or its port could not be told from it. */

export const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

export const hostPort = (host: string, port: number): string => `${inUrl(host)}:${port}`
