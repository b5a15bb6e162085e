/** A script's module, and the text it was assembled from if it was. */
export interface SourceModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The file that locations name. */
  readonly file: string
  readonly text?: string
}
