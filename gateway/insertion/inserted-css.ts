/** The look of what the gateway shows and inserts; small, and made so that it leaves an application's own look alone. */
export const insertedCss = `
.phasegate-banner{box-sizing:border-box;margin:0;padding:10px 16px;border-bottom:1px solid #b1b4b6;background:#fff;color:#0b0c0c;font:16px/1.4 system-ui,sans-serif;text-align:left}
.phasegate-banner *{box-sizing:border-box;font:inherit;color:inherit}
.phasegate-banner p{display:inline;margin:0}
.phasegate-banner .phasegate-label{display:inline-block;margin:0 10px 0 0;padding:2px 8px;background:#1d4f91;color:#fff;font-weight:700;text-transform:uppercase;letter-spacing:.04em;font-size:14px}
.phasegate-banner form{display:inline}
.phasegate-banner a,.phasegate-banner button{background:none;border:0;padding:0;color:#1d4f91;text-decoration:underline;cursor:pointer}
.phasegate-banner a:focus,.phasegate-banner button:focus{outline:3px solid #ffbf47;outline-offset:1px}
.phasegate-question{box-sizing:border-box;max-width:640px;margin:32px auto;padding:4px 20px 20px;border:1px solid #b1b4b6;background:#fff;color:#0b0c0c;text-align:left}
.pg-page{margin:0;padding:0 16px;background:#f7f7f5;color:#16191d;font:18px/1.55 system-ui,sans-serif}
.pg-page main{max-width:640px;margin:64px auto;padding:32px;border-top:6px solid #1d4f91;background:#fff}
.pg-page h1{margin:0 0 16px;font-size:32px;line-height:1.2}
.pg-page a{color:#1d4f91}
.pg-page button{padding:8px 16px;border:0;background:#1d4f91;color:#fff;font:inherit;font-weight:700;cursor:pointer}
.pg-page :focus{outline:3px solid #ffbf47;outline-offset:2px}
@media (prefers-color-scheme:dark){.pg-page{background:#14171a;color:#e8eaec}.pg-page main{background:#1d2125}.pg-page a{color:#9cc2ff}}
@media print{.phasegate-banner form,.phasegate-question{display:none}}
`.trimStart()
