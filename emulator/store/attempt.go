package store

import (
	"encoding/json"
	"fmt"
)

// Attempt is one try of a delivery.
type Attempt struct {
	Delivery       string          `json:"delivery"`
	Number         int             `json:"number"`
	Trigger        string          `json:"trigger"` // schedule, manual or duplicate
	Due            int64           `json:"due"`
	Started        int64           `json:"started"`
	DurationUS     int64           `json:"durationUs"`
	RequestHeader  json.RawMessage `json:"requestHeader"` // JSON
	RequestBody    Text            `json:"requestBody"`
	ResponseHeader json.RawMessage `json:"responseHeader"` // JSON
	ResponseBody   Text            `json:"responseBody"`
	ResponseStatus int             `json:"responseStatus"` // 0 = no reply
	Error          string          `json:"error"`
	URL            string          `json:"url"`
}

// InsertAttempt records a try. ErrExists: that number was recorded already; ErrMissing: there is no such delivery.
func (tx *Tx) InsertAttempt(a Attempt) error {
	delivery, err := tx.deliverySeq(a.Delivery)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO attempt (delivery, number, trigger, due, started, duration_us,
		request_header, request_body, response_header, response_body, response_status, error, url) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		delivery, int64(a.Number), a.Trigger, a.Due, a.Started, a.DurationUS,
		asBlob(a.RequestHeader), asBlob(a.RequestBody), asBlob(a.ResponseHeader), asBlob(a.ResponseBody), int64(a.ResponseStatus), a.Error, a.URL)
	if duplicate(err) {
		return fmt.Errorf("%w: attempt %d of delivery %s", ErrExists, a.Number, a.Delivery)
	}
	return err
}

// Attempts lists the attempts of a delivery, oldest first.
func (c *Conn) Attempts(delivery string) ([]Attempt, error) {
	var all []Attempt
	err := c.each(`SELECT number, trigger, due, started, duration_us, request_header, request_body, response_header, response_body,
		response_status, error, url FROM attempt WHERE delivery = (SELECT seq FROM delivery WHERE id = ?) ORDER BY number`, func(r row) {
		all = append(all, Attempt{
			Delivery: delivery, Number: int(r.int(0)), Trigger: r.text(1), Due: r.int(2), Started: r.int(3), DurationUS: r.int(4),
			RequestHeader: r.blob(5), RequestBody: r.blob(6), ResponseHeader: r.blob(7), ResponseBody: r.blob(8),
			ResponseStatus: int(r.int(9)), Error: r.text(10), URL: r.text(11),
		})
	}, delivery)
	return all, err
}
