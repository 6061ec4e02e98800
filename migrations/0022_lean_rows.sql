-- Rows that say nothing twice (docs/performance.md, bytes for each payment).

-- Who rode, how it was paid and in which batch stands in the payment of the same id.
ALTER TABLE rides DROP COLUMN rider, DROP COLUMN batch, DROP COLUMN channel;

-- A key is a hash over payer and key already, and was never unique together with its payment: an index on the hash alone has half the size.
ALTER TABLE payment_keys DROP CONSTRAINT payment_keys_pkey;
CREATE INDEX payment_keys_key ON payment_keys (key);
