'use strict'
// Features of the desktop that cannot be seen here: recorded, and scriptable from a test by replacing a function.
const { EventEmitter } = require('node:events')
const fs = require('node:fs')
const { note } = require('./context.cjs')

class MenuItem {
  constructor(options) {
    Object.assign(this, { enabled: true, visible: true, type: options.submenu ? 'submenu' : 'normal' }, options)
    if (Array.isArray(options.submenu)) this.submenu = Menu.buildFromTemplate(options.submenu)
    this.click = () => options.click?.(this, null, {})
  }
}

class Menu extends EventEmitter {
  constructor() {
    super()
    this.items = []
  }
  static buildFromTemplate(template) {
    const menu = new Menu()
    menu.items = template.map((item) => (item instanceof MenuItem ? item : new MenuItem(item)))
    return menu
  }
  static setApplicationMenu(menu) {
    Menu._application = menu
  }
  static getApplicationMenu() {
    return Menu._application ?? null
  }
  getMenuItemById(id) {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
  popup() {
    note('Menu.popup', this.items.map((item) => item.label ?? item.role))
  }
}

class Tray extends EventEmitter {
  constructor() {
    super()
    note('Tray')
  }
  setContextMenu(menu) {
    this._menu = menu
  }
  setToolTip(text) {
    note('Tray.setToolTip', text)
  }
  setImage() {}
  destroy() {
    this._destroyed = true
  }
  isDestroyed() {
    return this._destroyed === true
  }
}

class Notification extends EventEmitter {
  constructor(options) {
    super()
    Object.assign(this, options)
  }
  static isSupported() {
    return true
  }
  show() {
    note('Notification', this.title, this.body)
  }
  close() {}
}

const dialog = {
  showOpenDialog: async (...args) => {
    note('dialog.showOpenDialog', args.at(-1))
    return { canceled: true, filePaths: [] }
  },
  showSaveDialog: async (...args) => {
    note('dialog.showSaveDialog', args.at(-1))
    return { canceled: true, filePath: '' }
  },
  showMessageBox: async (...args) => {
    note('dialog.showMessageBox', args.at(-1))
    return { response: 0, checkboxChecked: false }
  },
  showErrorBox: (title, content) => note('dialog.showErrorBox', title, content),
}

const shell = {
  openExternal: async (url) => note('shell.openExternal', url),
  openPath: async (path) => {
    note('shell.openPath', path)
    return ''
  },
  showItemInFolder: (path) => note('shell.showItemInFolder', path),
}

function makeImage(bytes) {
  return {
    isEmpty: () => bytes.length === 0,
    toPNG: () => bytes,
    getSize: () => ({ width: 16, height: 16 }),
    resize() {
      return this
    },
    setTemplateImage() {},
  }
}

const nativeImage = {
  createEmpty: () => makeImage(Buffer.alloc(0)),
  createFromBuffer: (bytes) => makeImage(bytes),
  createFromPath: (path) => makeImage(fs.existsSync(path) ? fs.readFileSync(path) : Buffer.alloc(0)),
}

let copied = ''
const clipboard = {
  writeText: (text) => {
    copied = String(text)
  },
  readText: () => copied,
}

const nativeTheme = Object.assign(new EventEmitter(), { themeSource: 'system', shouldUseDarkColors: false })

module.exports = { Menu, MenuItem, Tray, Notification, dialog, shell, nativeImage, clipboard, nativeTheme }
