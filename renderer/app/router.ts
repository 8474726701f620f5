import { createRouter, createWebHashHistory } from 'vue-router'
import type { RouteRecordRaw } from 'vue-router'
import ActivityScreen from '../screens/Activity/ActivityScreen.vue'
import BuildScreen from '../screens/Builds/BuildScreen.vue'
import BuildsScreen from '../screens/Builds/BuildsScreen.vue'
import ContainersScreen from '../screens/Containers/ContainersScreen.vue'
import DiagnosticsScreen from '../screens/Diagnostics/DiagnosticsScreen.vue'
import EnginesScreen from '../screens/Engines/EnginesScreen.vue'
import HubScreen from '../screens/Hub/HubScreen.vue'
import ImageDetailScreen from '../screens/Images/ImageDetailScreen.vue'
import CompareScreen from '../screens/Images/compare/CompareScreen.vue'
import ImagesScreen from '../screens/Images/ImagesScreen.vue'
import LogWindowScreen from '../screens/Logs/LogWindowScreen.vue'
import LogsScreen from '../screens/Logs/LogsScreen.vue'
import PortsScreen from '../screens/Ports/PortsScreen.vue'
import RegistriesScreen from '../screens/Registries/RegistriesScreen.vue'
import SettingsScreen from '../screens/Settings/SettingsScreen.vue'
import OverviewScreen from '../screens/Overview/OverviewScreen.vue'

// Screens are part of the page, not loaded on demand: the files are local, and Chromium breaks off loads whenever a
// network interface comes or goes, which an engine's networks do all the time.
const routes: readonly RouteRecordRaw[] = [
  { path: '/', redirect: '/overview' },
  { path: '/overview', name: 'overview', component: OverviewScreen },
  {
    path: '/containers/:id?',
    name: 'containers',
    component: ContainersScreen,
    props: true,
  },
  { path: '/images', name: 'images', component: ImagesScreen },
  {
    path: '/images/:id',
    name: 'image',
    component: ImageDetailScreen,
    props: true,
    meta: { screen: 'images' },
  },
  {
    path: '/compare/:first/:second',
    name: 'image-compare',
    component: CompareScreen,
    props: true,
    meta: { screen: 'images' },
  },
  { path: '/hub', name: 'hub', component: HubScreen },
  { path: '/builds', name: 'builds', component: BuildsScreen },
  { path: '/builds/:id', name: 'build', component: BuildScreen, props: true, meta: { screen: 'builds' } },
  { path: '/logs', name: 'logs', component: LogsScreen },
  { path: '/ports', name: 'ports', component: PortsScreen },
  { path: '/activity', name: 'activity', component: ActivityScreen },
  { path: '/engines', name: 'engines', component: EnginesScreen },
  { path: '/engines/check', name: 'diagnostics', component: DiagnosticsScreen, meta: { screen: 'engines' } },
  { path: '/settings', name: 'settings', component: SettingsScreen },
  { path: '/settings/registries', name: 'registries', component: RegistriesScreen, meta: { screen: 'settings' } },
  {
    path: '/log-window/:engineId/:containerId',
    name: 'log-window',
    component: LogWindowScreen,
    props: true,
    // A window of its own: no sidebar, no footer.
    meta: { bare: true },
  },
  { path: '/:rest(.*)*', redirect: '/overview' },
]

export const router = createRouter({ history: createWebHashHistory(), routes: [...routes] })
