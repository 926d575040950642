import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Everything is served by the program itself: no outside address, hashed names, small first page.
export default defineConfig({
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'true', // Element Plus needs it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  server: { proxy: { '/api': process.env.YANWU_URL ?? 'http://127.0.0.1:24000' } },
  build: {
    target: 'es2020',
    assetsInlineLimit: 0, // data: addresses would need a wider content policy
    chunkSizeWarningLimit: 400,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks: (id) => (/node_modules\/(vue|@vue|vue-router|vue-i18n|@intlify)\//.test(id) ? 'vue' : undefined),
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
