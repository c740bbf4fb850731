package authority

// Rules are the levels that an organisation has set in place of the defaults,
// under keys like "complaint.approve" and "complaint.approve@senior".
type Rules map[string]Level

// Level is the least level under key: the one that was set, else the default.
func (r Rules) Level(key string, otherwise Level) Level {
	if l, set := r[key]; set {
		return l
	}
	return otherwise
}
