package event_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestOutageOfTheBrokerLosesNoEvent(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	b.Down()
	s := publisher(t, b)
	go s.Run(t.Context())
	if err := s.Ping(within(t, 5*time.Second)); err == nil {
		t.Error("a broker that is down answered")
	}
	const all = 200
	var arrived []*message
	for n := range all { // in the middle it goes down twice more
		s.Publish(numbered(n))
		switch n {
		case 50, 100:
			b.Up(t)
			arrived = append(arrived, b.Events(t, distinct(1))...)
			b.Down()
		case 150:
			b.Up(t)
		}
	}
	if err := s.Ping(within(t, 5*time.Second)); err != nil {
		t.Error(err)
	}
	if err := s.Close(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	b.Events(t, func(m []*message) bool { return distinct(all)(slices.Concat(arrived, m)) })
	wantDropped(t, s, 0)
}

func TestConnectionsCutAnywhereLoseNothing(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	for range 20 { // opening takes about 6 KB, of which answers are 2 KB
		b.Cut(random.Int64N(9_000))
		b.CutAnswers(2_500 + random.Int64N(1_000)) // in the answer to an event, which is then sent again
	}
	s := publisher(t, b)
	go s.Run(t.Context())
	sent := 0
	for b.Cuts() > 0 {
		if err := s.Send(within(t, 20*time.Second), numbered(sent)); err != nil {
			t.Fatalf("event %d: %v", sent, err)
		}
		s.Publish(numbered(sent + 1))
		sent += 2
	}
	got := b.Events(t, distinct(sent))
	wantRepeatsUnderOneID(t, got)
	if len(got) == sent {
		t.Error("no event was repeated")
	}
	if err := s.Close(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	wantDropped(t, s, 0)
	t.Logf("%d events in %d messages", sent, len(got))
}

func wantRepeatsUnderOneID(t *testing.T, messages []*message) {
	t.Helper()
	ids := map[string]string{}
	for _, m := range messages {
		subject, _ := m.ApplicationProperties["cloudEvents:subject"].(string)
		if id, seen := ids[subject]; seen && id != m.MessageID {
			t.Errorf("event %s has two ids", subject)
		}
		ids[subject] = m.MessageID
	}
}

func TestHangingBrokerBlocksNoCallAndLeavesNothingBehind(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	s.SetTimeouts(time.Second, 2*time.Second)
	if err := s.Ping(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	b.Hang()
	go s.Run(t.Context())
	for n := range 2000 {
		s.Publish(numbered(n))
	}
	if err := s.Ping(within(t, 300*time.Millisecond)); err == nil {
		t.Error("a hanging broker answered")
	}
	if err := s.Send(within(t, 300*time.Millisecond), numbered(0)); err == nil {
		t.Error("sent an event to a hanging broker")
	}
	if err := s.Close(within(t, 100*time.Millisecond)); err == nil {
		t.Error("Close has sent the buffer to a hanging broker")
	}
	if err := s.Close(within(t, 20*time.Second)); err != nil {
		t.Error(err)
	}
	wantDropped(t, s, 2000)
	for _, part := range []string{"azservicebus", "go-amqp", "event.(*"} {
		wantGoroutines(t, 20*time.Second, 0, part)
	}
}

func TestBrokerThatAnswersAgainIsUsed(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	s.SetTimeouts(time.Second, 2*time.Second)
	if err := s.Send(within(t, 5*time.Second), numbered(0)); err != nil {
		t.Fatal(err)
	}
	b.Hang()
	go s.Run(t.Context())
	s.Publish(numbered(1))
	if err := s.Ping(within(t, 1500*time.Millisecond)); err == nil {
		t.Error("a hanging broker answered")
	}
	b.Resume()
	if err := s.Send(within(t, 10*time.Second), numbered(2)); err != nil {
		t.Error(err)
	}
	b.Events(t, distinct(3))
	if err := s.Close(within(t, 10*time.Second)); err != nil {
		t.Error(err)
	}
	wantDropped(t, s, 0)
}

func TestConnectionThatDiedUnnoticedIsReplaced(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	s.SetTimeouts(time.Second, 2*time.Second)
	if err := s.Ping(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	b.Freeze()
	if err := s.Send(within(t, 9*time.Second), numbered(0)); err != nil {
		t.Error(err)
	}
	b.Events(t, distinct(1))
	b.Freeze()
	if err := s.Ping(within(t, 9*time.Second)); err != nil {
		t.Error(err)
	}
	if err := s.Close(within(t, 10*time.Second)); err != nil {
		t.Error(err)
	}
	wantDropped(t, s, 0)
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	b.Down()
	s := publisher(t, b)
	if err := s.Send(within(t, 300*time.Millisecond), numbered(1)); err == nil {
		t.Error("sent while the broker was down")
	}
	if err := s.Send(ended(t), numbered(1)); err == nil {
		t.Error("sent after the context had ended")
	}
	b.Up(t)
	if err := s.Send(within(t, 5*time.Second), numbered(1)); err != nil {
		t.Error(err)
	}
	if err := s.Close(within(t, 5*time.Second)); err != nil {
		t.Error(err)
	}
	wantDropped(t, s, 0)
}

// TestPingLeavesNoLinkBehind counts the goroutines that renew the tokens of links.
func TestPingLeavesNoLinkBehind(t *testing.T) {
	s := publisher(t, bustest.Start(t, bustest.Options{}))
	for range 10 {
		if err := s.Ping(within(t, 5*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	wantGoroutines(t, 20*time.Second, 2, "startNegotiateClaimRenewer.func") // of the topic and its $management
	if err := s.Close(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	wantGoroutines(t, 20*time.Second, 0, "startNegotiateClaimRenewer.func")
}

// wantGoroutines waits until no more than most run code whose name contains one of the
// parts, and fails the test if that takes longer than the limit.
func wantGoroutines(t *testing.T, limit time.Duration, most int, parts ...string) {
	t.Helper()
	for deadline := time.Now().Add(limit); goroutines(parts...) > most; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines of %v, want at most %d", goroutines(parts...), parts, most)
		}
	}
}

// goroutines counts the goroutines whose stacks contain one of the parts.
func goroutines(parts ...string) (n int) {
	stacks := make([]byte, 1<<20)
	for one := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(one, part) }) {
			n++
		}
	}
	return n
}
