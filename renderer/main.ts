/** Start of the window: the port, then the app on top of it. */
import { createApp } from 'vue'
import App from './App.vue'
import { openPort } from './port.ts'

createApp(App, { port: openPort(window) }).mount('#app')
