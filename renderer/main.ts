import './link/early.ts'
import './app/nonce.ts'
import './styles/base.css'
import { createApp } from 'vue'
import { createPinia } from 'pinia'
import App from './app/App.vue'
import { i18n } from './i18n/index.ts'
import { router } from './app/router.ts'
import { startStores } from './stores/start.ts'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)
startStores()
app.mount('#app')
// The page is here: what recover.js counted is over.
sessionStorage.removeItem('naru.reloads')
