// SPDX-License-Identifier: MIT
// usage: node node_red_page.js MODULES BROWSER URL FOLDER
//
// Looks at a page as people do: wide and on a phone, light and dark. Reads lines of JSON, {name, width, height, dark, words,
// click, stay}: waits until all the words stand on the page, keeps a picture as FOLDER/name.png, and answers with a line of
// {name, text, wider, errors}. MODULES is a folder with the npm package ws in it, BROWSER the ws: address of a chromium.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const [modules, browser, url, folder] = process.argv.slice(2);
const WebSocket = require(path.join(modules, 'node_modules', 'ws'));
const PATIENCE_MS = 150000;

async function main() {
    const socket = new WebSocket(browser, { perMessageDeflate: false });
    await new Promise(resolve => socket.once('open', resolve));
    const waiting = new Map(), errors = [];
    let last = 0, session, onLoad = () => {};
    const send = (method, params = {}) => new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        setTimeout(() => waiting.delete(id) && reject(new Error(method + ': no answer')), PATIENCE_MS);
        socket.send(JSON.stringify({ id, method, params, sessionId: session }));
    });
    socket.on('message', data => {
        const message = JSON.parse(data);
        if (waiting.has(message.id)) {
            const { resolve, reject } = waiting.get(message.id);
            waiting.delete(message.id);
            message.error ? reject(new Error(message.error.message)) : resolve(message.result);
        } else if (message.method === 'Page.loadEventFired') {
            onLoad();
        } else if (message.method === 'Runtime.exceptionThrown') {
            errors.push(message.params.exceptionDetails.exception?.description || message.params.exceptionDetails.text);
        } else if (message.method === 'Runtime.consoleAPICalled' && message.params.type === 'error') {
            errors.push(message.params.args.map(a => a.value || a.description).join(' '));
        }
    });
    const evaluate = async expression => (await send('Runtime.evaluate', { expression, returnByValue: true })).result.value;
    const loaded = () => new Promise(resolve => { onLoad = resolve; });

    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    await send('Runtime.enable');
    await send('Page.enable');
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const look = JSON.parse(line);
        await send('Emulation.setDeviceMetricsOverride', { width: look.width, height: look.height, deviceScaleFactor: 1, mobile: look.width < 600 });
        await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: look.dark ? 'dark' : 'light' }] });
        if (!look.stay) { // from nowhere, or only what is behind # would be another
            for (const where of ['about:blank', url]) {
                const load = loaded();
                await send('Page.navigate', { url: where });
                await load;
            }
        }
        if (look.click) { await evaluate(look.click); }
        const end = Date.now() + PATIENCE_MS;
        let text;
        do {
            await new Promise(resolve => setTimeout(resolve, 100));
            text = await evaluate('document.body ? document.body.innerText : ""') || '';
        } while (Date.now() < end && !look.words.every(word => text.toLowerCase().includes(word.toLowerCase())));
        await new Promise(resolve => setTimeout(resolve, 1000)); // what moves has come to rest in the picture
        const size = await evaluate('({ wide: document.documentElement.scrollWidth, seen: document.documentElement.clientWidth })');
        const picture = await send('Page.captureScreenshot', { format: 'png' });
        fs.writeFileSync(path.join(folder, look.name + '.png'), Buffer.from(picture.data, 'base64'));
        process.stdout.write(JSON.stringify({ name: look.name, text, wider: size.wide - size.seen, errors: errors.splice(0) }) + '\n');
    }
    process.exit(0);
}

main().catch(e => { console.error(e); process.exit(1); });
