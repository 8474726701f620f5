import './link/early.ts'
import './app/nonce.ts'
import './styles/base.css'
import { createPinia } from 'pinia'
import App from './app/App.vue'
import { createPlainApp } from './app/plain-page.ts'
import { i18n } from './i18n/index.ts'
import { router } from './app/router.ts'
import { startStores } from './stores/start.ts'

const app = createPlainApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)
startStores()
const place = document.querySelector('#app')
if (place) app.mount(place)
// The page is here: what recover.js counted is over.
sessionStorage.removeItem('naru.reloads')
