package api

import (
	"net/http"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// ServeHTTP is the way of a request, top to bottom. A refusal at any step is
// written in the provider's own dialect.
func (f *Face) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := f.begin(w, r)
	defer x.end()

	// the pages where a payer answers, or looks, are no operations of the contract
	there, err := x.challenged()
	if !there {
		there, err = x.viewed()
	}
	if err != nil {
		x.say(nil, err)
	}
	if there {
		return
	}
	// nor is the contract itself, where it does not say otherwise
	if there, err := x.documented(); there {
		if err != nil {
			x.say(nil, err)
		}
		return
	}
	// nor is the token endpoint that it only names
	if there, err := x.tokenized(); there {
		if err != nil {
			x.say(nil, err)
		}
		return
	}
	x.say(x.serve())
}

func (x *exchange) serve() (*sandbox.Reply, error) {
	// route: which provider, which operation
	err := x.route()
	if reply := x.allowed(); reply != nil {
		return reply, nil
	}
	if err == nil {
		// who: credential -> sandbox and caller
		err = x.who()
	}
	// how often: by its caller, or its address; what was refused counts too
	if err := x.often(err); err != nil {
		return nil, err
	}
	// is it well said: the contract, every violation at once
	if err := x.wellSaid(); err != nil {
		return nil, err
	}
	// where: an operation without credential may name its sandbox in the body
	if err := x.where(); err != nil {
		return nil, err
	}
	// do: one transaction, one instant; committed when it returns
	reply, err := x.do()
	if err != nil {
		return nil, err
	}
	// say it, after a look at it when replies are checked
	return reply, x.checked(reply)
}
