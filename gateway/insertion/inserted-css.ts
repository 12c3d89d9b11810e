/** The look of what the gateway shows and inserts; small, and made so that it leaves an application's own look alone. */
export const insertedCss = `
.phasegate-banner{box-sizing:border-box;margin:0;padding:10px 16px;border-bottom:1px solid #b1b4b6;background:#fff;color:#0b0c0c;font:16px/1.4 system-ui,sans-serif;text-align:left}
.phasegate-banner *{box-sizing:border-box;font:inherit;color:inherit}
.phasegate-banner p{display:inline;margin:0}
.phasegate-banner .phasegate-label{display:inline-block;margin:0 10px 0 0;padding:2px 8px;border-radius:4px;background:#15181d;color:#fff;font-weight:500;font-size:14px}
.phasegate-banner form{display:inline}
.phasegate-banner a,.phasegate-banner button{background:none;border:0;padding:0;color:inherit;text-decoration:underline;cursor:pointer}
.phasegate-banner a:focus-visible,.phasegate-banner button:focus-visible{outline:3px solid #ffbf3c;box-shadow:0 0 0 6px #15181d}
.phasegate-question{box-sizing:border-box;max-width:640px;margin:32px auto;padding:4px 20px 20px;border:1px solid #b1b4b6;background:#fff;color:#0b0c0c;text-align:left}
.pg-page{margin:0;padding:0 16px;background:#f6f7f8;color:#15181d;font:19px/1.4 system-ui,sans-serif;color-scheme:light dark}
.pg-page main{max-width:640px;margin:48px auto}
.pg-page h1{margin:0 0 16px;font-size:28px;line-height:34px;text-wrap:balance}
.pg-page a{color:inherit}
.pg-page button{padding:10px 20px;border:1px solid;border-radius:6px;border-color:#15181d;background:#15181d;color:#fff;font:inherit;font-weight:600;cursor:pointer}
.pg-page form+form button{border-color:currentColor;background:none;color:inherit}
.pg-page :focus-visible{outline:3px solid #ffbf3c;box-shadow:0 0 0 6px #15181d}
@media (prefers-color-scheme:dark){.pg-page{background:#0f1215;color:#e9ebee}.pg-page form:first-of-type button{border-color:#e9ebee;background:#e9ebee;color:#15181d}}
@media print{.phasegate-banner form,.phasegate-question{display:none}}
`.trimStart()
