import { createRouter, createWebHashHistory } from 'vue-router'
import type { RouteRecordRaw } from 'vue-router'
import OverviewScreen from '../screens/Overview/OverviewScreen.vue'

const routes: readonly RouteRecordRaw[] = [
  { path: '/', redirect: '/overview' },
  { path: '/overview', name: 'overview', component: OverviewScreen },
  {
    path: '/containers/:id?',
    name: 'containers',
    component: () => import('../screens/Containers/ContainersScreen.vue'),
    props: true,
  },
  { path: '/images', name: 'images', component: () => import('../screens/Images/ImagesScreen.vue') },
  {
    path: '/images/:id',
    name: 'image',
    component: () => import('../screens/Images/ImageDetailScreen.vue'),
    props: true,
    meta: { screen: 'images' },
  },
  { path: '/hub', name: 'hub', component: () => import('../screens/Hub/HubScreen.vue') },
  { path: '/logs', name: 'logs', component: () => import('../screens/Logs/LogsScreen.vue') },
  { path: '/ports', name: 'ports', component: () => import('../screens/Ports/PortsScreen.vue') },
  { path: '/activity', name: 'activity', component: () => import('../screens/Activity/ActivityScreen.vue') },
  { path: '/engines', name: 'engines', component: () => import('../screens/Engines/EnginesScreen.vue') },
  { path: '/settings', name: 'settings', component: () => import('../screens/Settings/SettingsScreen.vue') },
  {
    path: '/log-window/:engineId/:containerId',
    name: 'log-window',
    component: () => import('../screens/Logs/LogWindowScreen.vue'),
    props: true,
    // A window of its own: no sidebar, no footer.
    meta: { bare: true },
  },
  { path: '/:rest(.*)*', redirect: '/overview' },
]

export const router = createRouter({ history: createWebHashHistory(), routes: [...routes] })
