package measure

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sameWord is the Jaro-Winkler likeness from which on two words are one word spelt in
// two ways: it takes smith for smyth and parts bank from bahn.
const sameWord = 0.87

// hollow are words of names that do not tell whose name it is: legal forms, and
// what only joins others. They are folded.
var hollow = wordSet(`ab ag aktiengesellschaft aps as asa bhd bv bvba co company corp corporation doo eeig eg ehf eirl ev
	gbr gesmbh gie gmbh hf inc incorporated kft kg kgaa lda limited llc llp lp ltd ltda mbh nv ohg ood oy oyj plc pte pty pvt sa sarl sas sasu
	sca scs se sia snc sp spa spj spol srl sro ug uab zrt
	a an and d da das de del della den der des di die do dos du e el en et fur i la las le les los of og och the u und van von voor y z zu`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// NameWords are the words of a name that tell whose it is: without legal forms and
// what joins others, and with lone letters put together, so that S.A. is SA. A name
// of nothing else keeps what it has. The words given are folded.
func NameWords(words []string) []string {
	joined, lone := make([]string, 0, len(words)), false
	for _, w := range words {
		short := utf8.RuneCountInString(w) == 1
		if short && lone {
			joined[len(joined)-1] += w
		} else {
			joined = append(joined, w)
		}
		lone = short
	}
	telling := slices.DeleteFunc(slices.Clone(joined), func(w string) bool { return hollow[w] })
	if len(telling) == 0 {
		return joined
	}
	return telling
}

// Names is how alike two names are, from 0 for not at all to 1, given the words of
// each that tell. Their order is of no matter. Each word is held against its nearest
// in the other name (Monge and Elkan 1996, The field matching problem) by the measure
// of Jaro and Winkler (Winkler 1990, String comparator metrics), below a threshold not
// at all (Cohen, Ravikumar and Fienberg 2003, A comparison of string distance metrics
// for name-matching tasks). Words weigh by their letters. The result is the mean of
// how much of both names is matched and how much of the shorter one is, so that a
// name with a word more stays near. Names with different numbers are not alike.
func Names(a, b []string) float64 {
	if !sameNumbers(a, b) {
		return 0
	}
	matchedA, lettersA := matchedLetters(a, b)
	matchedB, lettersB := matchedLetters(b, a)
	if lettersA == 0 || lettersB == 0 {
		return 0
	}
	shorter := matchedA / lettersA
	if lettersB < lettersA {
		shorter = matchedB / lettersB
	}
	return ((matchedA+matchedB)/(lettersA+lettersB) + shorter) / 2
}

// matchedLetters counts the letters of a, and those that b has too.
func matchedLetters(a, b []string) (matched, letters float64) {
	for _, w := range a {
		best := 0.0
		for _, other := range b {
			if w == other {
				best = 1
				break
			}
			if like := JaroWinkler(w, other); like >= sameWord {
				best = max(best, like)
			}
		}
		length := float64(utf8.RuneCountInString(w))
		matched, letters = matched+best*length, letters+length
	}
	return matched, letters
}

// sameNumbers reports whether two names do not contradict each other in what they
// number: school 12 is not school 13.
func sameNumbers(a, b []string) bool {
	x, y := numbers(a), numbers(b)
	return len(x) == 0 || len(y) == 0 || slices.Equal(x, y)
}

func numbers(words []string) (list []string) {
	for _, w := range words {
		if strings.ContainsFunc(w, unicode.IsNumber) {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

// JaroWinkler is how alike two words are, from 0 to 1: by the letters that both have
// near the same place, and more so if they begin alike (Winkler 1990).
func JaroWinkler(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	like := jaro(x, y)
	if like <= 0.7 {
		return like
	}
	prefix := 0
	for prefix < min(len(x), len(y), 4) && x[prefix] == y[prefix] {
		prefix++
	}
	return like + 0.1*float64(prefix)*(1-like)
}

// jaro is the measure without regard to the beginning (Jaro 1989, Advances in
// record-linkage methodology).
func jaro(x, y []rune) float64 {
	ofX, ofY := common(x, y)
	if len(ofX) == 0 {
		return 0
	}
	moved := 0
	for i := range ofX {
		if ofX[i] != ofY[i] {
			moved++
		}
	}
	m := float64(len(ofX))
	return (m/float64(len(x)) + m/float64(len(y)) + (m-float64(moved/2))/m) / 3
}

// common are the letters that two words share near the same place, as each has them
// in its order.
func common(x, y []rune) (ofX, ofY []rune) {
	near, taken := max(0, max(len(x), len(y))/2-1), make([]bool, len(y))
	for i, r := range x {
		for j := max(0, i-near); j < min(len(y), i+near+1); j++ {
			if y[j] == r && !taken[j] {
				taken[j], ofX = true, append(ofX, r)
				break
			}
		}
	}
	for j, is := range taken {
		if is {
			ofY = append(ofY, y[j])
		}
	}
	return ofX, ofY
}

// mostKeyed is how many words of a name its keys are made of, the longest ones.
const mostKeyed = 4

// NameKeys are keys of which two near names share at least one as a rule, so that an
// index can bring them together, given the words that tell: all words, and all but
// one. Of two words the one left out is there by its sound, and a lone word by its
// beginning or its sound.
func NameKeys(words []string) []string {
	words = longest(words)
	if len(words) == 0 {
		return nil
	}
	if len(words) == 1 {
		letters := []rune(words[0])
		return []string{string(letters[:min(len(letters), 4)]), skeleton(words[0], 3)}
	}
	keys := []string{strings.Join(words, "")}
	for i, w := range words {
		others := strings.Join(slices.Concat(words[:i], words[i+1:]), "")
		if len(words) == 2 {
			others += skeleton(w, 2)
		}
		keys = append(keys, others)
	}
	return keys
}

// longest are the longest of a name's words, each once, in the order of the alphabet.
func longest(words []string) []string {
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	slices.SortStableFunc(words, func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) })
	words = words[:min(len(words), mostKeyed)]
	slices.Sort(words)
	return words
}

// skeleton is a word by its first letter and the next ones that are heard whatever
// the spelling, so that meier is maier and jon is john.
func skeleton(word string, letters int) string {
	var bones []rune
	for i, r := range word {
		if len(bones) < letters && (i == 0 || !strings.ContainsRune("aeiouyhw", r) && r != bones[len(bones)-1]) {
			bones = append(bones, r)
		}
	}
	return string(bones)
}

// Together is how surely something holds for which there are several reasons, each
// of which would do: one less the chance that all of them mislead.
func Together(reasons ...float64) float64 {
	misled := 1.0
	for _, r := range reasons {
		misled *= 1 - r
	}
	return 1 - misled
}
