/** Hands a text to the person as a file; the browser or Electron asks where to keep it. */
export const saveText = (name: string, mediaType: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  // The download has taken the blob once this task is over; a minute is generous for slow disks.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
