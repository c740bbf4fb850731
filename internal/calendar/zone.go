package calendar

import (
	"sync"
	"time"
)

// asked are the zones that were asked for, name → *time.Location: there are some hundreds.
var asked sync.Map

// Zone is the zone of a name, UTC where there is none. What was found is kept, because
// each change asks for it several times and finding it means reading a file.
func Zone(name string) *time.Location {
	if zone, known := asked.Load(name); known {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	asked.Store(name, zone)
	return zone
}
