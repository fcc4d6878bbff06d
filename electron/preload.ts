/** The only bridge into the page: invoke and subscribe. Runs in the sandbox, so it is one CommonJS file. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { Batch } from '../core/contract/batch.ts'
import type { PreloadBridge } from '../core/contract/carrier.ts'

// The same words as in ipc.ts, which a preload may not import.
const CALL_CHANNEL = 'lab'
const BATCH_CHANNEL = 'lab:batch'

let current: { stream: string; listener: (batch: Batch) => void } | null = null

ipcRenderer.on(BATCH_CHANNEL, (_event: IpcRendererEvent, message: { stream: string; batch: Batch }) => {
  if (message.stream === current?.stream) current.listener(message.batch)
})

const bridge: PreloadBridge = {
  invoke: (request) => ipcRenderer.invoke(CALL_CHANNEL, { op: 'dispatch', request }),
  subscribe(listener) {
    const stream = crypto.randomUUID()
    current = { stream, listener }
    void ipcRenderer.invoke(CALL_CHANNEL, { op: 'subscribe', stream })
    return {
      ack: (seq) => void ipcRenderer.invoke(CALL_CHANNEL, { op: 'ack', stream, seq }),
      close() {
        if (current?.stream === stream) current = null
        void ipcRenderer.invoke(CALL_CHANNEL, { op: 'close', stream })
      },
    }
  },
}

contextBridge.exposeInMainWorld('pushLab', bridge)
