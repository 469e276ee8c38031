/** The components of which screens are made. */
export { announce } from "./announce.js";
export { Button } from "./button.js";
export { Copy } from "./copy.js";
export { Field, type Tied } from "./field.js";
export { Heading } from "./heading.js";
export { lazy } from "./lazy.js";
export { Notice } from "./notice.js";
export { Working } from "./working.js";
