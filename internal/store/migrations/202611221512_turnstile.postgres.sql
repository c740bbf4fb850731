-- +goose Up

-- Nothing stands in it. Every change passes it in ROW SHARE mode, and a long one
-- shuts it, so that short ones do not make it start anew for ever.
CREATE TABLE turnstile ();

-- +goose Down
DROP TABLE turnstile;
