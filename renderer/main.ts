/** Start of the window: the theme before anything is drawn, the port, then the app on top of it. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { openPort } from './openPort.ts'
import { tellOfCrash } from './recovered.ts'
import { applyKeptTheme } from './state/settings.ts'
import './ui/tokens.css'
import './ui/base.css'
import './ui/forcedColors.css'

applyKeptTheme()
const app = createApp(App, { port: openPort(window) }).use(createPinia())
tellOfCrash(window)
app.mount('#app')
