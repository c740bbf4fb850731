package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// A matter is taken back by who raised it, by those on its rung, or by somebody of the
// level before which it stands, and by nobody below; those whom it concerns are told.
func TestMatterIsWithdrawnByItsPartiesAlone(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	why := fields{"reason": "It was settled."}
	up := func(level int, by string) string {
		return asked(h, path, by, fields{"to_level": level, "override": level > 5, "reason": "No reply in 5 days"})
	}
	first := up(5, "l4")
	refused := h.As("l4b").Move(first, "withdraw", why).Code(403, "insufficient-level")
	if refused.Text("required_level") != "5" || refused.Text("because.0") == "" {
		t.Errorf("it does not say who could: %s", refused.Body)
	}
	before(h, path, 5)
	h.As("l4").Move(first, "withdraw", why).Want(200)
	before(h, path, 4)
	alike(t, told(h, "l5"), "escalated", "withdrawn")
	alike(t, told(h, "l5b"), "escalated", "withdrawn")
	if got := told(h, "l4"); len(got) != 0 {
		t.Errorf("who withdrew it is told of it: %v", got)
	}

	second := up(6, "l5")
	h.As("l4").Move(second, "withdraw", why).Code(403, "insufficient-level")
	h.As("l5b").Move(second, "withdraw", why).Code(403, "insufficient-level")
	h.As("l6b").Move(second, "withdraw", why).Want(200)

	third := up(7, "l6")
	for _, other := range []string{"l4", "l4b", "l5", "l6b"} {
		h.As(other).Move(third, "withdraw", why).Code(403, "insufficient-level")
	}
	if got := h.As("l4").Get(third + "/transitions").Want(200); got.Text("data.0.name") == "withdraw" && got.Text("data.0.permitted") == "true" {
		t.Errorf("withdraw is offered: %s", got.Body)
	}
	before(h, path, 7)
	h.As("l7b").Move(third, "withdraw", why).Want(200)
	before(h, path, 4)
	alike(t, told(h, "l4"), "withdrawn", "withdrawn")
}
