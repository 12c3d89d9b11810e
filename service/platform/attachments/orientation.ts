/**
 * Which way up a photo is: all that stays of what a camera wrote about it (Exif, a small TIFF). A phone held upright writes its
 * picture lying down and says so there.
 */
const orientationTag = 0x0112
const shortType = 3
const upright = 1
const mostEntries = 1_000

/** Null where nothing says that it has to be turned, or what says so cannot be read. */
export function orientationIn(tiff: Buffer): number | null {
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return null
  const read16 = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const first = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (read16(2) !== 42 || first + 2 > tiff.length) return null
  const count = Math.min(read16(first), mostEntries)
  for (let index = 0, at = first + 2; index < count && at + 12 <= tiff.length; index++, at += 12) {
    if (read16(at) !== orientationTag || read16(at + 2) !== shortType) continue
    const value = read16(at + 8)
    return value > upright && value <= 8 ? value : null
  }
  return null
}

/** A TIFF that says this and nothing else. */
export function tiffOf(orientation: number): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('MM', 'latin1')
  tiff.writeUInt16BE(42, 2)
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(orientationTag, 10)
  tiff.writeUInt16BE(shortType, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  return tiff
}
