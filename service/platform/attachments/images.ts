import { crc32 } from 'node:zlib'
import { NotTaken } from './attachment.ts'
import { orientationIn, tiffOf } from './orientation.ts'

/**
 * Images are written anew from the parts that draw them, and never decoded here: place, camera and comments are left
 * out but for which way up the picture is, and so is everything that another program could read into the same bytes (decision record on attachments).
 */
const mostPixels = 40_000_000

function refuseSize(width: number, height: number): void {
  if (width < 1 || height < 1) throw new NotTaken('The image is damaged')
  if (width * height > mostPixels)
    throw new NotTaken(`The image has ${width} x ${height} pixels: send one of at most 40 million in all`)
}

const damaged = (): never => {
  throw new NotTaken('The image is damaged')
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const pngParts = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs', 'IDAT', 'IEND'])

export const isPng = (bytes: Buffer): boolean => bytes.subarray(0, 8).equals(pngSignature)

export function rewritePng(bytes: Buffer): Buffer {
  const kept: Buffer[] = [pngSignature]
  let at = 8
  for (let index = 0; ; index++) {
    if (at + 12 > bytes.length) damaged()
    const length = bytes.readUInt32BE(at)
    const end = at + 12 + length
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) damaged()
    if ((index === 0) !== (type === 'IHDR')) damaged()
    if (type === 'IHDR') {
      if (length !== 13) damaged()
      refuseSize(bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12))
    }
    if (pngParts.has(type)) kept.push(bytes.subarray(at, end))
    if (type === 'eXIf') kept.push(...pngTurned(bytes.subarray(at + 8, end - 4)))
    at = end
    if (type === 'IEND') return Buffer.concat(kept)
  }
}

function pngTurned(exif: Buffer): Buffer[] {
  const orientation = orientationIn(exif)
  if (orientation === null) return []
  const content = Buffer.concat([Buffer.from('eXIf', 'latin1'), tiffOf(orientation)])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length - 4)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(content))
  return [length, content, sum]
}

export const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

// Tables, frames, restarts, and the two that say how colours are meant.
const jpegParts = new Set([0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd, 0xda, 0xe0, 0xee])
const jpegFrames = new Set([0xc0, 0xc1, 0xc2])

export function rewriteJpeg(bytes: Buffer): Buffer {
  const kept: Buffer[] = [bytes.subarray(0, 2)]
  let at = 2
  let hasFrame = false
  for (;;) {
    if (at + 4 > bytes.length && bytes[at + 1] !== 0xd9) damaged()
    if (bytes[at] !== 0xff) damaged()
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0xd9) break
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length || end < at + 4) damaged()
    if (jpegFrames.has(marker)) {
      refuseSize(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
      hasFrame = true
    } else if (marker >= 0xc3 && marker <= 0xcf && marker !== 0xc4) {
      throw new NotTaken('This kind of JPEG is not taken: save it anew as an ordinary JPEG or PNG')
    }
    const stop = marker === 0xda ? endOfScan(bytes, end) : end
    if (jpegParts.has(marker)) kept.push(bytes.subarray(at, stop))
    if (marker === 0xe1) kept.push(...jpegTurned(bytes.subarray(at + 4, end)))
    at = stop
  }
  if (!hasFrame) damaged()
  return Buffer.concat([...kept, Buffer.from([0xff, 0xd9])])
}

const exifMark = Buffer.from('Exif\0\0', 'latin1')

function jpegTurned(part: Buffer): Buffer[] {
  if (!part.subarray(0, exifMark.length).equals(exifMark)) return []
  const orientation = orientationIn(part.subarray(exifMark.length))
  if (orientation === null) return []
  const content = Buffer.concat([exifMark, tiffOf(orientation)])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return [head, content]
}

/** Where the drawn data of a scan end: at the next marker that is neither a filler nor a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from)
  while (at >= 0 && at + 1 < bytes.length) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
    at = bytes.indexOf(0xff, at + (next === 0xff ? 1 : 2))
  }
  return damaged()
}

export const isWebp = (bytes: Buffer): boolean =>
  bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP'

/** Of the flags of a VP8X part: a colour profile, Exif and XMP. */
const webpExif = 0b0000_1000
const webpMetadata = 0b0010_1100
const webpParts = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF'])

export function rewriteWebp(bytes: Buffer): Buffer {
  const stop = Math.min(bytes.length, bytes.readUInt32LE(4) + 8)
  const kept: Buffer[] = []
  let hasSize = false
  let extended: Buffer | null = null
  for (let at = 12; at + 8 <= stop;) {
    const type = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const end = at + 8 + size
    if (end > stop) damaged()
    const part = Buffer.from(bytes.subarray(at, end))
    if (type === 'VP8X' || type === 'VP8 ' || type === 'VP8L') {
      if (size < 10) damaged()
      refuseSize(...webpSize(type, part.subarray(8)))
      hasSize = true
    }
    if (type === 'VP8X') {
      extended = part
      part[8] = (part[8] ?? 0) & ~webpMetadata
    }
    const orientation = type === 'EXIF' ? orientationIn(withoutMark(part.subarray(8))) : null
    if (orientation !== null && extended !== null) {
      kept.push(webpPart('EXIF', tiffOf(orientation)))
      extended[8] = (extended[8] ?? 0) | webpExif
    }
    if (webpParts.has(type)) kept.push(part, Buffer.alloc(size % 2))
    at = end + (size % 2)
  }
  if (!hasSize) damaged()
  const body = Buffer.concat(kept)
  const head = Buffer.from('RIFF....WEBP', 'latin1')
  head.writeUInt32LE(body.length + 4, 4)
  return Buffer.concat([head, body])
}

/** Some writers put what marks Exif in a JPEG before it. */
function withoutMark(exif: Buffer): Buffer {
  return exif.subarray(0, exifMark.length).equals(exifMark) ? exif.subarray(exifMark.length) : exif
}

function webpPart(type: string, content: Buffer): Buffer {
  const head = Buffer.from(`${type}....`, 'latin1')
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content])
}

function webpSize(type: 'VP8X' | 'VP8 ' | 'VP8L', data: Buffer): [width: number, height: number] {
  if (type === 'VP8X') return [data.readUIntLE(4, 3) + 1, data.readUIntLE(7, 3) + 1]
  if (type === 'VP8 ') return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff]
  const bits = data.readUInt32LE(1)
  return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1]
}
