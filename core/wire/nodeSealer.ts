/** The sealer of virtual time, on Node's own OpenSSL: the real AES-256-GCM (SEC-01). */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { SEALED_PREFIX, type Sealer } from '../engine/sealer.ts'

const HEADER = Buffer.from(SEALED_PREFIX.slice(0, -2), 'ascii')
const TAG_BYTES = 16

export const nodeSealer: Sealer = {
  seal(key, nonce, text) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(HEADER)
    const first = cipher.update(text, 'utf8')
    const last = cipher.final()
    const body = last.length === 0 ? first : Buffer.concat([first, last])
    const iv = Buffer.from(nonce.buffer, nonce.byteOffset, nonce.byteLength)
    return `${SEALED_PREFIX}${iv.toString('base64url')}.${body.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`
  },

  open(key, sealed) {
    const parts = sealed.split('.')
    if (parts.length !== 5 || parts[0] !== SEALED_PREFIX.slice(0, -2) || parts[1] !== '') return null
    try {
      const tag = Buffer.from(parts[4] as string, 'base64url')
      if (tag.length !== TAG_BYTES) return null
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(parts[2] as string, 'base64url'))
      decipher.setAAD(HEADER)
      decipher.setAuthTag(tag)
      const first = decipher.update(Buffer.from(parts[3] as string, 'base64url'))
      const last = decipher.final()
      return (last.length === 0 ? first : Buffer.concat([first, last])).toString('utf8')
    } catch {
      return null // a wrong key or changed content: the reader learns nothing more
    }
  },

  fingerprint(key) {
    return createHash('sha256').update(key).digest('hex').slice(0, 8)
  },

  digest(algorithm, text) {
    return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text, 'utf8')
      .digest('hex')
  },

  base64(text) {
    return Buffer.from(text, 'utf8').toString('base64')
  },
}
