package main

import (
	"context"

	"rapport/internal/store"
)

// governance finds what is wrong with how the register is led.
func (c *config) governance(context.Context, *store.DB) error { return nil }
