/// <reference types="vite/client" />
/// <reference types="bitscript/client" />
