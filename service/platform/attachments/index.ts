export {
  attachmentTypes,
  attachmentWords,
  fileName,
  NotTaken,
  type Attachment,
  type AttachmentType,
} from './attachment.ts'
export { examine, type Examined } from './examine.ts'
export { readUpload, type Upload } from './upload.ts'
