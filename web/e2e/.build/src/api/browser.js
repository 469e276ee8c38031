/** The browser, as a call sees it. */
export const browser = {
    fetch: (url, init) => fetch(url, init),
    wait,
    now: () => performance.now(),
    online: () => navigator.onLine,
};
/** Resolves after so many milliseconds, rejects with the signal's reason. */
export function wait(milliseconds, signal) {
    return new Promise((resolve, reject) => {
        const stop = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, milliseconds);
        if (signal?.aborted) {
            stop();
        }
        else {
            signal?.addEventListener("abort", stop, { once: true });
        }
    });
}
