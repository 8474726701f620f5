/**
 * Must be the first import of the page: the web shell's link opens while the rest of the script is still being run.
 * Electron's page asks its shell for a port instead.
 */
import { openEarly } from './socket.ts'

if (!window.naru) openEarly()
