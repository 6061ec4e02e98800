-- Posts batches of 1,024 fares of one fen from random wallets to eight tills, as `haihe bench verify` needs them: through the posting
-- function, with limits and seal, but without the way from Python.
CREATE FUNCTION pg_temp.post_fares(p_bucket smallint, p_first_id bigint, p_batches integer, p_first_wallet bigint, p_wallets integer, p_first_till bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    fares    record;
    next_id  bigint := p_first_id;
BEGIN
    FOR n IN 1 .. p_batches LOOP
        SELECT array_agg(next_id + 16 * f.number ORDER BY f.number) AS ids,
            array_agg(f.number ORDER BY f.number) AS numbers,
            array_agg(f.wallet ORDER BY f.number) AS wallets,
            array_agg(p_first_till + f.number % 8 ORDER BY f.number) AS tills,
            array_agg(clock_timestamp()) AS times,
            array_agg(0::bigint) AS payments,
            array_agg(1::bigint) AS amounts,
            array_agg(1::smallint) AS kinds,
            array_agg(156::smallint) AS currencies,
            array_agg(4::smallint) AS risks
        INTO fares
        FROM (
            SELECT number, p_first_wallet + floor(random() * p_wallets)::bigint AS wallet
            FROM generate_series(1, 1024) AS number
        ) f;
        PERFORM ledger_post(p_bucket, clock_timestamp(), (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, true,
            fares.ids, fares.wallets, fares.payments, fares.times, '{}',
            fares.numbers, fares.ids, fares.wallets, fares.tills, fares.amounts, fares.kinds, fares.currencies, '{}', '{}', fares.risks);
        next_id := next_id + 16 * 1024;
    END LOOP;
END $$;
