package bustest

// Direct returns the address of the broker itself.
func (b *Broker) Direct() string { return b.broker }
