// Command grafana is a judge of our chunks: it reads a recording with the parser that Pyroscope itself uses and prints one
// line per sample type, "metric:type<TAB>total", as the server would count at the given sample rate.
//
// With -stacks it prints one line per sample type and stack instead, "metric:type<TAB>root;…;leaf<TAB>total".
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/grafana/jfr-parser/pprof"
)

func main() {
	rate := flag.Int64("rate", 100, "sampleRate of the upload, in Hz")
	stacks := flag.Bool("stacks", false, "print totals per stack")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: grafana [-rate HZ] [-stacks] FILE.jfr")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *rate, *stacks); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string, rate int64, stacks bool) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	start := time.Unix(1_700_000_000, 0)
	input := &pprof.ParseInput{StartTime: start, EndTime: start.Add(10 * time.Second), SampleRate: rate}
	// The server passes a snapshot even without labels; a nil one drops the span ids.
	profiles, err := pprof.ParseJFR(body, input, &pprof.LabelsSnapshot{})
	if err != nil {
		return err
	}
	totals := map[string]int64{}
	for i := range profiles.Profiles {
		add(totals, &profiles.Profiles[i], stacks)
	}
	return print(totals)
}

func add(totals map[string]int64, p *pprof.Profile, stacks bool) {
	text := p.Profile.StringTable
	functions := map[uint64]string{}
	for _, f := range p.Profile.Function {
		functions[f.Id] = text[f.Name]
	}
	locations := map[uint64]string{}
	for _, l := range p.Profile.Location {
		locations[l.Id] = functions[l.Line[0].FunctionId]
	}
	for _, sample := range p.Profile.Sample {
		for i, value := range sample.Value {
			key := p.Metric + ":" + text[p.Profile.SampleType[i].Type]
			if stacks {
				frames := make([]string, 0, len(sample.LocationId))
				for at := len(sample.LocationId) - 1; at >= 0; at-- {
					frames = append(frames, locations[sample.LocationId[at]])
				}
				key += "\t" + strings.Join(frames, ";")
			}
			totals[key] += value
		}
	}
}

func print(totals map[string]int64) error {
	keys := make([]string, 0, len(totals))
	for key := range totals {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	out := bufio.NewWriter(os.Stdout)
	for _, key := range keys {
		fmt.Fprintf(out, "%s\t%d\n", key, totals[key])
	}
	return out.Flush()
}
