package register

import (
	"slices"

	"rapport/internal/fold"
)

// Matter is what a record is about, to find what is like it.
type Matter struct {
	Tags     []string
	Category string // "unknown" for none
	Words    []string
}

// tellingWord is how long a word is at least that tells something.
const tellingWord = 5

// matterOf is a matter with the telling words of its texts.
func matterOf(tags []string, category string, texts ...string) Matter {
	m := Matter{Category: category}
	for _, tag := range tags {
		m.Tags = append(m.Tags, fold.Fold(tag))
	}
	for _, text := range texts {
		for _, word := range fold.Words(text) {
			if len(word) >= tellingWord {
				m.Words = append(m.Words, word)
			}
		}
	}
	m.Tags, m.Words = distinct(m.Tags), distinct(m.Words)
	return m
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// Matter is what the issue is about.
func (i *Issue) Matter() Matter { return matterOf(i.Tags, i.Category, i.Title, i.Description) }

// Matter is what the problem is about.
func (p *Problem) Matter() Matter {
	return matterOf(p.Tags, p.Category, p.Title, p.Description, p.RootCause)
}

// Matter is what the complaint is about.
func (c *Complaint) Matter() Matter {
	return matterOf(c.Tags, c.Category, c.Title, c.Description, c.Subject, c.Findings)
}

// Matter is what the lesson is for.
func (l *Lesson) Matter() Matter {
	return matterOf(slices.Concat(l.AppliesToTags, l.Tags), l.Category, l.Title, l.WhatHappened, l.RootCause, l.Recommendation)
}

// Common is what two matters share: a category only if it is one.
func (m Matter) Common(other Matter) (shared Matter) {
	shared.Tags, shared.Words = meet(m.Tags, other.Tags), meet(m.Words, other.Words)
	if shared.Category = "unknown"; m.Category == other.Category {
		shared.Category = m.Category
	}
	return shared
}

// meet are the words that stand in both.
func meet(a, b []string) (both []string) {
	for _, word := range a {
		if _, there := slices.BinarySearch(b, word); there {
			both = append(both, word)
		}
	}
	return both
}

// The weights of what two matters share. Words count up to a limit, so that long
// texts do not win by their length.
const (
	tagWeight      = 3
	categoryWeight = 2
	mostWords      = 5
)

// Score weighs what is shared.
func (m Matter) Score() int {
	score := tagWeight*len(m.Tags) + min(len(m.Words), mostWords)
	if m.Category != "unknown" {
		score += categoryWeight
	}
	return score
}
