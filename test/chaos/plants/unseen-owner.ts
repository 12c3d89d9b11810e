// A process that does not look whether the installation has an owner when somebody uses a link.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) => text.replace("where installation = 'owner' and disabled_at is null", 'where false'))
