// A database that does not keep which form accepted.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) => text.replace("nonce_hash = decode(person.nonce, 'hex')", 'nonce_hash = null'))
