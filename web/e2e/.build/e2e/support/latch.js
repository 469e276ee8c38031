/** Something that is waited for until it is opened. */
export class Latch {
    opened;
    open = () => undefined;
    constructor() {
        this.opened = new Promise((resolve) => (this.open = resolve));
    }
}
