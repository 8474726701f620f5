import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import ts from 'typescript-eslint'

/** Refused imports of a room; test/architecture.test.ts holds the exact table, this is the early warning while typing. */
const refuse = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })
const group = (names, message) => ({ group: names, message })
const ELECTRON = group(['electron', 'electron/*'], 'Electron is imported in main/electron.ts and main/preload.ts only.')
const DOCKERODE = group(['dockerode'], 'dockerode is imported in engine/docker/client.ts only.')
const TEST = group(['**/test/**'], 'Nothing imports test/.')

const TYPED_ROOMS = ['engine/**/*.ts', 'main/**/*.ts']

export default ts.config(
  { ignores: ['out/', 'release/', '.naru/', 'node_modules/', 'test-results/', 'coverage/', 'screens/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  ...a11y.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue,js,mjs}'],
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-console': 'off',
      'prefer-const': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.{ts,vue}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true, 'ts-ignore': true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: TYPED_ROOMS,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['renderer/**/*.vue'],
    rules: {
      'vue/no-v-html': 'error',
      'vue/no-v-text-v-html-on-component': 'error',
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '…', '›', '→', '←', '×', '/', ':', ',', '(', ')', '+', '-', '–', '—', '%', '#', '$', '@', '=', '.', 'Naru'] }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': ['error', 'type-based'],
      // Layout is the formatter's business.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      // Components are imported by name, never registered as elements.
      'vue/multi-word-component-names': 'off',
      // With the type-based declaration an absent optional prop is undefined, which its type says.
      'vue/require-default-prop': 'off',
      // reka-ui names a control through a wrapping label or an id; either is enough.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  {
    // Composite widgets: one element holds the focus and hears the keys for all (aria-activedescendant, splitter).
    files: ['renderer/components/{NTable,NSplit}.vue', 'renderer/app/Palette.vue', 'renderer/screens/Logs/Log{List,Pane}.vue'],
    rules: {
      'vuejs-accessibility/click-events-have-key-events': 'off',
      'vuejs-accessibility/interactive-supports-focus': 'off',
      'vuejs-accessibility/no-static-element-interactions': 'off',
    },
  },
  { files: ['engine/contract/**/*.ts'], rules: refuse(ELECTRON, DOCKERODE, TEST, group(['node:*', '../*', '!../errors.ts', '!../models.ts', '!../file-path.ts', '!../parts'], 'The contract imports nothing.')) },
  { files: ['engine/**/*.ts'], ignores: ['engine/contract/**', 'engine/docker/client.ts'], rules: refuse(ELECTRON, DOCKERODE, TEST, group(['**/main/**', '**/renderer/**', 'vue', 'pinia'], 'The engine room knows no shell and no page.')) },
  { files: ['main/**/*.ts'], ignores: ['main/electron.ts', 'main/preload.ts'], rules: refuse(ELECTRON, DOCKERODE, TEST, group(['**/renderer/**'], 'main/ only wires.')) },
  { files: ['renderer/**/*.{ts,vue}'], rules: refuse(ELECTRON, DOCKERODE, TEST, group(['node:*', '**/main/**'], 'The page knows the contract only.')) },
  { files: ['test/support/electron-stand-in/**'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['test/support/electron-stand-in/page-*.js', 'test/support/electron-stand-in/codec.cjs'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  // The specs prove that this does not work.
  { files: ['test/e2e/security.spec.ts'], rules: { 'no-new-func': 'off' } },
)
