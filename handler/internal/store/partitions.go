package store

import (
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// PastHolds is the partition of the holds that were released or have expired.
const PastHolds = "past"

// ActiveHolds returns the partition of the active holds of a shard, 0 to 15.
func ActiveHolds(shard byte) string { return fmt.Sprintf("active-%x", shard) }

// RowPartition returns the partition of a secret's row. Secrets that expire in
// the same slot share 16 partitions, one for each shard.
func RowPartition(id header.ID) string {
	return fmt.Sprintf("%s%x", SlotPartitions(id.Slot()), id.Shard())
}

// SlotPartitions returns the common beginning of a slot's partitions. The text sorts by time.
func SlotPartitions(s header.Slot) string { return fmt.Sprintf("%08x-", uint32(s)) }

// ReminderPartition returns the partition of a secret's reminders for the minute
// in which t lies.
func ReminderPartition(t time.Time, id header.ID) string {
	return fmt.Sprintf("%s-%x", ReminderPartitions(t), id.Shard())
}

// FirstReminders sorts before the partitions of all reminders.
const FirstReminders = "due-"

// ReminderPartitions returns the common beginning of a minute's partitions. The text sorts by time.
func ReminderPartitions(t time.Time) string {
	return fmt.Sprintf("%s%08x", FirstReminders, MinuteOf(t))
}

// ReminderMinute returns the minute of a partition that ReminderPartition made.
func ReminderMinute(partition string) (time.Time, error) {
	var minute uint32
	if _, err := fmt.Sscanf(partition, FirstReminders+"%8x", &minute); err != nil {
		return time.Time{}, fmt.Errorf("parse reminder partition: %w", err)
	}
	return MinuteStart(minute), nil
}

// MinuteOf returns the minute in which t lies, counted from 1970 in UTC.
func MinuteOf(t time.Time) uint32 { return uint32(max(0, t.Unix()/60)) } // #nosec G115 -- good until the year 10136

// MinuteStart returns the first instant of a minute, in UTC.
func MinuteStart(minute uint32) time.Time { return time.Unix(60*int64(minute), 0).UTC() }

// The partitions of the table service's other small rows.
const (
	WatermarkPartition = "watermark"
	SchemaPartition    = "schema"
)
