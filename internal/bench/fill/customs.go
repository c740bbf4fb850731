package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

var regions = []string{"north", "east", "south", "west", "harbour"}

// declare declares the custom fields that every stakeholder gets by adorn.
func declare(ctx context.Context, l *ledger.Ledger) error {
	for _, f := range []register.CustomFieldFields{
		{Collection: "stakeholders", Key: "region", Type: "enum", Options: regions, Filterable: true},
		{Collection: "stakeholders", Key: "score", Type: "number", Filterable: true},
		{Collection: "stakeholders", Key: "code", Type: "text", Filterable: true},
	} {
		_, err := l.Create(ctx, register.CustomFields, nil, ledger.Asked{Prime: func(rec register.Record) {
			f.Sensitivity = rec.(*register.CustomField).Sensitivity
			rec.(*register.CustomField).CustomFieldFields = f
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// adorn gives a stakeholder values of few records, of many, and one that each tenth has for itself.
func adorn(s *register.Stakeholder, i int, dice *rand.Rand) {
	s.CustomFields = register.Map{"region": regions[dice.IntN(len(regions))], "score": json.Number(strconv.Itoa(dice.IntN(1000)))}
	if i%10 == 0 {
		s.CustomFields["code"] = fmt.Sprintf("Quay %06d", i)
	}
}
