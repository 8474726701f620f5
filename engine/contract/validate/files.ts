import * as v from 'valibot'
import { isFileName, isFilePath } from '../file-path.ts'
import { MOST_EXISTING, READ_BYTES } from '../parts/files.ts'
import type { FileMethods, FileOperations, FileStreams } from '../parts/files.ts'
import { archiveTarget, transferSource } from './housekeeping.ts'
import { onContainer, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const path = v.pipe(v.string(), v.check(isFilePath, 'must be an absolute path without . or ..'))
const name = v.pipe(v.string(), v.check(isFileName, 'must be a file name'))
const inside = v.pipe(path, v.check((one) => one !== '/', 'the root itself cannot be changed'))
const onPath = { ...onContainer, path }

export const FILE_METHOD_ARGS = {
  'files.page': v.strictObject({
    listingId: text(100),
    sort: v.picklist(['name', 'size', 'modified']),
    descending: v.boolean(),
    text: v.optional(text(1_000)),
    marks: v.optional(v.pipe(v.array(v.picklist(['added', 'changed', 'removed', 'unmodified'])), v.maxLength(4))),
    offset: whole(0, Number.MAX_SAFE_INTEGER),
    limit: whole(1, 1_000),
  }),
  'files.stat': v.strictObject(onPath),
  'files.read': v.strictObject({ ...onPath, offset: whole(0, Number.MAX_SAFE_INTEGER), length: whole(1, READ_BYTES) }),
  'files.existing': v.strictObject({ ...onPath, names: v.pipe(v.array(name), v.maxLength(MOST_EXISTING)) }),
} satisfies { readonly [M in keyof FileMethods]: Schema }

export const FILE_STREAM_ARGS = {
  'files.open': v.strictObject({ ...onPath, fresh: v.boolean() }),
} satisfies { readonly [S in keyof FileStreams]: Schema }

export const FILE_OPERATION_ARGS = {
  'files.download': v.strictObject({ ...onPath, target: archiveTarget }),
  'files.upload': v.strictObject({ ...onPath, source: transferSource, names: v.pipe(v.array(name), v.minLength(1), v.maxLength(20)) }),
  'files.make-folder': v.strictObject({ ...onPath, name }),
  'files.rename': v.strictObject({ ...onContainer, path: inside, newName: name }),
  'files.remove': v.strictObject({ ...onContainer, paths: v.pipe(v.array(inside), v.minLength(1), v.maxLength(1_000)) }),
} satisfies { readonly [O in keyof FileOperations]: Schema }
