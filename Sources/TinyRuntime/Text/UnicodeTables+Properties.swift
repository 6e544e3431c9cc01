// What Unicode says of characters that Swift's standard library does not tell: width in East Asian text, direction, mirroring.
//
// Recorded from CPython 3.13's unicodedata (Unicode 15.1) as runs: each word is the distance from the start of the run
// before, in hexadecimal, and a letter for the value.

extension UnicodeTables {
    /// n: N, w: W, f: F, h: H, s: Na, m: A.
    static let widthRuns: StaticString = """
        0n 20s 5Fn 22m 1s 2m 1s 2m 2n 1m 1n 1s 1m 2s 1m 5n 1m 5n 1m 4n 6m 1n 9m 1n 6m 2n 5m 4n 4m 1n 1m 3n 1m 2n 2m 1n \
        1m 2n 3m 4n 1m 1n 1m 1n 2m 1n Fm 1n 1m 1n 7m 1n Am 2n 3m 1n 5m 3n 4m 1n 6m 4n 1m 1n 3m 4n 1m 1n 4m 2n 12m 2n \
        3m 1n 62m 1n 1m 1n 1m 1n 1m 1n 1m 1n 1m 1n 1m 1n 1m 1n 74m 1n Fm 1n 62m 1n 2m 1n 1m 3n 1m 1n 2m 1n 7m 4n 1m 1n \
        1m 1n 20m 70n 21m 11n 1m 7n 7m 11n 1m 7n 37m 1n Em 40n 1m 1n CAEw 60n EB0m 1n 2m 4n 1m 2n 2m 2n 2m 3n 1m 4n 8m \
        1n 1m 2n 1m 1n 5m 1n 2m 1n 35m 1n Am 1n 1m 4n 24h 1n 2m 1n 56m 1n 1m 1n 3m 1n 9m 1n 2m 1n Am 2n 3m 1n 4m 1n \
        27m 2n 6m 4n 1m Cn 4m An Fm 1n 6m An 1Em 2n 18m 1n 1m 1n 12m 1n 18m 1n 1m 2n 3m 2n 2m 1n 3m 1n 1m 1n 3m 1n 4m \
        1n 2m 4n 2m 1n 1m 1n 1m 6n 1m 1n 5m 4n 4m 2n Am 1n 3m 1n 5m 1n Dm 2n 2m 4n 2m 2n 2m 2n 12m 2n 2m 2n Dm 1n 3m \
        1n Bm 1n 19m 1n 52m 1n 7w 2n Dw 2n BEw 4n 3w 1n 2w 1n 6Cm 8An 1m 61n 4m 24n Cm 10n 2m 4n Am 2n 1m 7n 8m 2n 2m \
        2n 4m 2n 2m 2n 4m 3n 2m 1n 2m 4n 10m 4n 9m 1n Dw 2n 6m 2n 2m 1n 4m 2n 4w 2n 6m 1n 1m 1n 21m 1n 1m 1n 5w Cn Cm \
        2n 1m 3n 1m 4n 1m 2n 1m 1n Fw 1n 13w 1n Am 2n 1w 1n 8w 2n 11w 2m 1n 4w 2m 8w 1m 5w 1m Dn 1m 1n 4m 2w 1m 7w 2m \
        1w 1m 4w 1m 2w 1m 2n 5w 1n 4w 2n 1Cw 1n 14m 1n Ew 1n 1w 1n 4w 3n 1w 1n 1Em An 15w 3n 18w 1n Ew 1n 26s 8n 197s \
        2n 194w 2n 33w 1n 4w 1m 4n 326w 1An 1w 59n Cw D6n 1Aw 10f 1w 3En 2w 56n 2w 67n 5w 2Bn 1w 5En 1w 54n Bw 30n 1w \
        28m 8w 1B70n 40w 568Dn 3w 37n 499w 1Dn 283w 2BA4n 85Cm 1900w 200n 300m 10w An 16w 23n 1w 13n 1w 4n 95f 60h 5En \
        3h 6n 2h 6n 2h 6n 2h 3n 3f 7n 1h 7n Em 1n 6FE2w 5n Bw 2n Ew 17F8n 8w 4D6n 2Aw 9n 22E7w 4n 1w 7n 1w 2n 1w 123n \
        Fw 1n 1Dw 3n 2w 1n Ew 4n 8w 18Cn 3D08w 1n CAw 1n 30m Bn 5m 1En 2m 3An 6m 1Ew 1m 2w Am 12n 53w 3n Dw 2Cn 4w 9n \
        7w 2n Ew 6n 9Aw 21n Cw 9n 1w 46n 1w 16n Cw 2Bn 4w 5n Cw 11n 3w 1n 3w 47n 1w 1n 1w BBn 2w 3Fn Dw 4n 1w 18n 12w \
        1n 1Aw 2n Dw 1n 56w 55n 30w 46n 6w 1n 3w 3n 2w 3n 4w 4n Bw 2n 7w 9n E3w Cn 4w 1n 11Bw 2Fn 1w An 1w B9n 70w Dn \
        3w 9n 7w 2En 1w 7n 8w En 4w 9n 7w 9n 507w FFFEn 2w FFFEn A0102m F0n FE10m FFFEn 2m FFFEn
        """

    /// The letters from g on stand for the names in `directionNames`.
    static let directionRuns: StaticString = """
        0k 9} 1j 1} 1~ 1j 1k Ej 3} 1~ 1v 2o 3v 5n 1l 1n 1l 2m Al 1v 6q 1Av 6q 1Av 4k 6j 1k 1Al 1v 1o 4v 4q 1v 2k 1v 2o \
        2m 2v 1q 1v 3m 1q 1v 5q 17v 1q 1Fv 1q 1C1v 2q 7v Eq 2v Eq 5v 9q 1v 11u 70q 4v 2q 2g 2q 4v 1q 1g 4v 2q 1v 1q 3g \
        1q 1g 1q 14g 1q 53v 1q 8Cu 7q A6g 1q 26g 2q 31v 1g 2v 2o 1g 1u 2Dy 1u 1y 1u 2y 1u 2y 1u 1g 8y 1Bg 4y 6g Bi 6v \
        2h 1o 2h 1l 1h 1v 2u Bh 30u 15i Ao 1i 2h 3u 1h 65u 7i 1v 1u 6h 2u 2v 1u 4h 2m Ah 14g 1h 2u 1h 1Eu 1Bg 2h 59u \
        Bh 1g Ey 2Bu 9y 2v 4y 1g 2u 1y 18u 4y 1u 9y 1u 3y 1u 5g 2y Fg 1y 19u 3g 2y 1g 1h Bg 5h 1Fg 1i 2g 6u 8h 2Au 18i \
        1u 20q 37u 1q 1u 1q 4u 8q 4u 1q 3u 7q Au 2q 1Du 1q 2g 1q 8g 2q 2g 2q 16g 1q 7g 1q 1g 3q 4g 2u 1q 4u 4g 2q 2g \
        2q 2u 1q 1g 8q 1g 4q 2g 1q 3u 2g 2q Co 2q 7o 1q 2u 1g 2u 2q 1g 1q 6g 4q 2g 2q 16g 1q 7g 1q 2g 1q 2g 1q 2g 2u \
        1g 1q 3u 2g 4u 2g 2u 3g 3u 1g 7q 4g 1q 1g 7q Au 2q 3u 1q 1g Au 2q 1g 1q 9g 1q 3g 1q 16g 1q 7g 1q 2g 1q 5g 2u \
        1q 4u 5g 1u 2q 1g 1q 2u 1g 2q 1g Fq 2u 2g 2q Bo 1g 7q 1u 6g 1u 1q 2g 1q 8g 2q 2g 2q 16g 1q 7g 1q 2g 1q 5g 2u \
        1q 2u 1q 1u 4g 2q 2g 2q 2u 1g 7u 2q 1g 4q 2g 1q 3u 2g 2q 12g Au 1q 1g 1q 6g 3q 3g 1q 4g 3q 2g 1q 1g 1q 2g 3q \
        2g 3q 3g 3q Cg 4q 2u 1q 2g 3q 3g 1q 3u 1g 2q 1g 6q 1g Eq Dv 6o 1v 1g 5u 1q 3u 1q 8g 1q 3g 1q 17g 1q 10g 2u 1q \
        1u 3q 4g 1u 3g 1u 4g 7u 2g 1q 3g 2q 1g 2q 2u 2g 2q Ag 7q 1v 7q 2u 1q Bg 1q 3g 1q 17g 1q Ag 1q 5g 2u 1q 8g 1q \
        3g 1q 2u 2g 7q 2g 6q 2g 1q 2u 2g 2q Ag 1q 3g Cu 2q Bg 1q 3g 1q 29u 2q 4u 4g 1q 3g 1q 3u 1q 2g 4q Eu 2g 2q 1Ag \
        1u 1q 2g 1q 12g 3q 18g 1q 9g 1q 1g 2q 7g 3u 1g 4q 3u 3g 1u 1g 1q 8g 6q Ag 2q 3g Cq 30u 1q 2u 7g 4o 1q 7u 8q Dg \
        25q 2g 1q 1g 1q 5g 1q 18g 1q 1g 1q Au 1q 2u 9q 1g 2q 5g 1q 1g 1u 7g 1q Ag 2q 4g 20q 18u 2q 1Bu 1q 1u 1q 1u 1v \
        4q Ag 1q 24g 4u Eq 1u 5q 1u 2q 5u Bg 1u 24g 1q 8u 1q 6g 1q Dg 25q 2Du 4q 1u 6q 1u 2q 2u 2q 19u 2q 4u 3q 10u 4q \
        Du 1q 2u 2q 6u 1q Fu 1q 28g 1q 1g 5q 1g 2q 179g 1q 4g 2q 7g 1q 1g 1q 4g 2q 29g 1q 4g 2q 21g 1q 4g 2q 7g 1q 1g \
        1q 4g 2q Fg 1q 39g 1q 4g 2q 43g 2u 3q 1Dg 3q 10v Ag 6q 56g 2q 6g 2v 1q 27F~ 1q 1Av 2g 3q 59g 7q 12u 3q 1g 9q \
        13u 2q 3g 9q 12u 2g Cq Dg 1q 3g 1u 2g Cq 34u 2q 1u 7q 8u 1q 2u Bq 7o 1q 1u 1g 2q Ag 6v Ag 6v Bu 3k 1u 1q Ag 6q \
        59g 7q 5u 2q 22u 1q 1g 5q 46g Aq 1Fg 1u 3q 4u 2q 3g 4q 2u 1q 6u 3g 4v 1g 3v 2q 28g 2q 5g Bq 2Cg 4q 1Ag 6q Bg \
        3v 22q 17u 2q 2u 1g 2q 38u 1q 1u 7g 1u 1q 1u 1q 2u 8q 6u Ag 2u 1q Ag 6q Ag 6q Eg 2u 1Fg 31u 4q 30u 1q 1u 5q 1u \
        1q 5u 1q Ag 3q 1Bu 9q Bg 1u 2q 20u 4q 2u 2q 1u 3q 38u 1q 1u 2q 3u 1q 1u 3q 2g 8q 30u 8q 2u 2g 3q Fg 3q 3Cg 7q \
        2Bg 2q Bg 8u 3q 1u Dq 1u 7q 4u 1q 6u 1q 3u 2q 1g 5q C0u 40q 116g 2q 6g 2q 26g 2q 6g 2q 8g 1q 1g 1q 1g 1q 1g 1q \
        1Fg 2q 35g 1q 7v 1q 1v 3q 3g 1q 7v 3q 4g 2q 6g 1v 3q Dv 3g 2q 3g 1q 7v 2g 1~ Bk 3q 1y 1v 18~ 1j 1r 1z 1w 1t 1| \
        1l 1o 5v Fl 1v 1A~ 1k 5g 1s 1{ 1p 1x 1k 6m 1q 1g 2m 6n 2v 3q 1m An 2v 3g 1q Dg 3o 21g Fu 21g Fv 2q 1v 4q 1v 2q \
        Av 1q 1v 3q 5v 6q 1v 1q 1v 1q 1v 1q 4o 1q Bv 2q 4v 5q 5v 4q 2v 10q 29v 3g 4v 82n 1o 1v 122q 45v 1Aq 1v 91g 19v \
        Bg 15v 28m 14q 4Ev 1C2q 1v 153q 100v 274g 2v 20g 1v 69q E5v 6q 4u 3q 2g 5v 7q 26g 1q 1g 5q 1g 2q 38g 7q 2g Eu \
        1q 17g 9q 7g 1q 7g 1q 7g 1q 7g 1q 7g 1q 7g 1q 7g 1q 7g 1u 20v 5Eg 22v 1Ag 1v 59g Cv D6g 1Av 10~ 1v 4q 3v 19q \
        9u 4q 2v 1q 5v 2q 5v 3g 1q 56g 2u 2v 2q 3v 1q 5Av 1q 4g 5q 2Bg 1q 5Eg 1q 30v 24g Bv 1q 2Dv 2g 1q 30v 10q 1Cv \
        3q 32v Fq Cv 4q A7v 4q 63v 2q 1Fv 1q 19C0v 40q 568Dg 3v 37g 9q 13Dv 3q 1Cg 14q 2Fu 4v 1u Av 2q 1Eu 2q 50u 2q \
        6g 8v 22q 66v 1q 42g 5q 2g 1q 1g 1q 5g 18q 10u 1q 3u 1q 4u 1q 19u 2q 1v 4u 1g 3q 8o 2g 6q 34v 4g 8q 44u 2g 8q \
        Cg 6u 12q Du 1q 26u 8q 19u Bq 2g Bq 1Eg 3u 3q 30u 1q 2u 4q 2u 2q 10g 1q Bg 4q 7u 1q 19g 1q 29u 6q 2u 2q 2u 2g \
        9q 3u 1q 8u 1q 1g 2q Ag 2q 20u 1q 33u 1q 1u 3q 2u 2q 5u 2q 1u 1q 1g 18q 11u 2q 8u 1g Aq 6g 2q 6g 2q 6g 9q 7g \
        1q 7g 1q 3Av 2g 4q 75u 1q 2u 1q 4u 1g 2q Ag 6q 2BA4g Cq 17g 4q 31g 4q 226Eg 2q 6Ag 26q 7g Cq 5g 5y 1u 1y An 1y \
        Dg 1y 5g 1y 1g 1y 2g 1y 2g 1y Ah 73g 10h 16Bv 12h 40g 2h 36g 7v 1g 20h Dv 3u 10v Ag 6u 10v 20l 1v 1l 1g 1v 1l \
        1v 9o 1v 2n 2v 3g 1v 1o 2v 1g 4h 5g 1h 87g 2k 1g 1v 2o 3v 5n 1l 1n 1l 2m Al 1v 6q 1Av 6q 1Av Bq 59g 3q 6g 2q \
        6g 2q 6g 2q 3g 3o 2v 3o 2g 1v 7g Av 5g 2q Cg 1q 1Ag 1q 13g 1q 2g 1q Fg 2q Eg 22q 7Bg 5q 1v 1q 1g 4q 2Dg 3q 9v \
        4Dq 2g 1v Dg 3v 1g 2Fq 2Du 1g 82q 1Dg 3q 31g Fu 1m 1Bg 4q 24g 9q 1Eg 5q 26u 5g 5q 1Eg 1q 25g 4q Eg 2Aq 9Eg 2q \
        Ag 6q 24g 4q 24g 4q 28g 8q 34g Bq Cg 1q Fg 1q 7g 1q 2g 1q Bg 1q Fg 1q 7g 1q 2g 43q 137g 9q 16g Aq 8g 18q 6g 1q \
        2Ag 1q 9g 45y 6g 2y 1g 1y 2Cg 1y 2g 3y 1g 2y 17g 1y 48g 8y 9g 30y 13g 1y 2g 5y 21g 3v 1y 1Ag 5y 1g 40y 38g 4y \
        14g 2y 2Fu 3g 1u 2g 5u 4y 4g 1y 3g 1y 1Dg 2u 3g 4u 1y 9g 7y 9g 7y 40g 20y 25u 2g 4y Cg 9y 36g 3v 7y 16g 2y 1Bg \
        5y 1Ag 7y 4g Cy 7g 50y 49g 37y 33g Dy 33g 7y 6h 24u 4g 8i Ag 126i 1Fg 1y 2Ag 1u 2y 1g 2y 2g 4Bu 3y 28g 8h 16u \
        Bh 9g 16y 12u 4y 4g 26y 1Cg 14y 17g 9q 1u 1q 36u Fq 7g 4v 14q Au 1q 2u 2q 1g 9u 3q 31u 4q 2u 2q 7u 1g Aq 1g 2q \
        19g 7q Ag 6u 3q 24u 5q 1u 8g 1q 12g 8q 23u 1q 3g 9u 2q 34u 9q Au 4q 2u 1q 10g 1q 14g Bq 12g 1q 1Cu 3q 2u 1q 1u \
        2q 6u 1q 2u 1g 3Eq 7g 1q 1g 1q 4g 1q Fg 1q Bg 6q 2Fu 1q 3u 8g 5q Ag 6u 2q 2g 1q 8g 2q 2g 2q 16g 1q 7g 1q 2g 1q \
        5g 1u 2q 3u 1q 4g 2q 2g 2q 3g 2q 1g 6q 1g 5q 7g 2u 7g 3u 5g 8Bq 38u 8q 2u 3q 1u 1q 15g 1q 1u 1q 3g 1Eq 33u 6q \
        1u 1q 4u 2q 1u 2q 4g 8q Ag A6q 32u 4g 2q 4u 2q 1u 2q 1Bu 2g 22q 33u 8q 2u 1q 1u 2q 4g Bq Ag 6v Dg 13q 2Bu 1q \
        1u 1q 2u 6q 1u 1q 2g 6q Ag 36q 1Bg 2u 3q 2u 4q 1u 5g 4q 17g B9q 2Fu 9q 1u 2q 1g 64q 53g Cq 8g 2q 1g 2q 8g 1q \
        2g 1q 1Eg 1q 2g 2u 2q 1u 1q 4u 1q 3g 9q Ag 46q 8g 2q 2Au 4g 2u 2q 4u 1q 4g 1Bq 1u 6q 2u 2q 28u 6q 2u 4q 8u 1g \
        8q 1u 6q 2u 3q 2Eu Dq 1u 2q 9g Dq 49g 7q Ag F6q 9g 1q 26u 7g 1u 6q 8g Aq 1Dg 3q 20g 2u 16g 1q 1u 7q 1u 2q 1u \
        2g 49q 7g 1q 2g 1q 26u 6g 3u 1g 1u 2g 1u 7q 1u 1g 8q Ag 6q 6g 1q 2g 1q 25g 1u 2g 1q 2u 1q 1u 1q 1g 7q Ag 136q \
        13u 2q 4g 7u 2q Fg 1q 24u 5g 3q 2u 1q 1u 1q 17g 56q 1g Fq 15v 8o 4v 11g Dq 39Bg 66q 6Fg 1q 5g Bq C4g A4Cq 63g \
        Dq 440u 1q 6u Fg FAAq 247g 21B9q 239g 7q 1Fg 1q Ag 4q 51g 1q Ag 6q 1Eg 2u 5q 1g Aq 30u 7q Fg Aq Ag 1q 7g 1q \
        15g 5q 13g 2B0q 5Bg 65q 4Bg 4u 1q 38g 7u 4q Dg 40q 2v 1q 1u 1g Bq 2g Eq 17F8g 8q 4D6g 2Aq 9g 22E7q 4g 1q 7g 1q \
        2g 1q 123g Fq 1g 1Dq 3g 2q 1g Eq 4g 8q 18Cg 904q 6Bg 5q Dg 3q 9g 7q Ag 2q 1u 2q 1k 4g 125Cu 2Eg 2u 17g 9q 74g \
        3Cq F6g Aq 27g 2q 3Eu 3q 9k 8u 8q 2u 7q 1Eu 4q 3Bv 2g 15v 42u 3v 1g 7Aq 14g Cq 14g Cv 57g 9q 19g 87q 55g 1q \
        47g 1q 2g 2q 1g 2q 2g 2q 4g 1q Cg 1q 1g 1q 7g 1q 41g 1q 4g 2q 8g 1q 7g 1q 1Cg 1q 4g 1q 5g 1q 1g 3q 7g 1q 154g \
        2q 33v 1q 39v 1q 39v 1q 39v 1q 39v 1q 8g 2m 32q 200u 37q 4u 32q 8u 1q Eu 1q 7g Fu 5g 1u Fg 450q 1Fg 6q 6g D5u \
        7g 1u 11g 2u 7g 1u 2g 1u 5g 5q 3Eg 21u 1g 70q 2Dg 3u 7q 7g 2q Ag 4q 2g 140q 1Eu 1g 11q 2Cu 4q Ag 5o 1g 1D0q \
        1Cu 4q Ag 2E6q 7g 1q 4g 1q 2g 1q Fg 1y C5g 2y 9u 7g 29y 44u 7y 1g 4y Ag 4y 2g 311h 44g 4Ch 3Dg C2h 4g 1h 1Bg \
        1h 2g 1h 1g 2h 1g 1h Ag 1h 4g 1h 1g 1h 1g 6h 1g 4h 1g 1h 1g 1h 1g 1h 3g 1h 2g 1h 1g 2h 1g 1h 1g 1h 1g 1h 1g 1h \
        1g 1h 2g 1h 1g 2h 4g 1h 7g 1h 4g 1h 4g 1h 1g 1h Ag 1h 11g 5h 3g 1h 5g 1h 11g 34v 2g 10Ev 2Cg 4v 64g Cv Fg 2v \
        Fg 1v Fg 1v 25g Am Bv 5q 1Fv 1q 3Av 6q 3Dv 1g 38q 1Dg Dq 2Cg 4q 9g 7q 2g Ev 6g 9Av 3D8g 4v 11g 3v Dg 3v 77g 4v \
        5Fg 6v Cg 4v 1g Fv Cg 4v 38g 8v Ag 6v 28g 8v 1Eg 2v 2g 4Ev 154g Cv Eg 2v Dg 3v 9g 7v 2Eg 1v 7g 8v Eg 4v 9g 7v \
        9g 7v 93g 1v 37g 25m Ag 406q A6E0g 20q 103Ag 6q DEg 2q 1682g Eq 1D31g Fq 26Eg 9A2q 21Eg 5E2q 134Bg 5q 1060g \
        ADC51k 1g 1Ek 60g 80u F0g FE10q FFFEg 2q FFFEg
        """

    static let directionNames = ["", "AL", "AN", "B", "BN", "CS", "EN", "ES", "ET", "FSI", "L", "LRE", "LRI", "LRO", "NSM", "ON", "PDF", "PDI", "R", "RLE", "RLI", "RLO", "S", "WS"]

    /// y: mirrored.
    static let mirroredRuns: StaticString = """
        0n 28y 2n 12y 1n 1y 1n 1Cy 1n 1y 1n 1Dy 1n 1y 1n 2Dy 1n Fy 1n E7Ey 4n 75Dy 2n 99Cy 2n Ay 2n 36y 2n Ey 2n B1y \
        1n C0y 4n 3y 6n 3y 1n 3y 2n 3y 4n 1y 4n 1y 1n 1y 1n 4y 9n 5y 1n 1y 12n 5y 4n 9y 2n 1y 1n 1y 8n 2y 1Fn 2y 4n 5y \
        1n 9y 2n 2y 13n 5y 2n 9y 5n 2y 2n 4y 18n 2y 10n 8y 4n 14y 2n 7y 2n 43Dy En 4Ay 1n 2y 4n 1y 2n 1y 3n 5y 4n 5y \
        3n 3y En 193y 16n 2y 6n 1y En 8y 1n 7y 6n 3y 1n 4y 5n 1y 2n 2y 5n 4y 1n 1y 3n 2y 2n Ay 6n 2y 2n Cy 13n 1y 4n \
        2y 1n 1y 1n 2y 1n 1y 4n 5y 2n 6y 3n 18y 2n By 2n 4y 4n 1y 2n 2y 2n 4y 2Bn 2y 8n 1y 28n 5y 1n 1y 1n 3y 5n 5y 3n \
        4y 1n 3y 5n 1y 1n 100y 1n 203y 4n 3y 2n 1y 2n Ey 2n 2y An 2By 8n 1ABy An 2y 8n CE3Dy 6n 5y 2n A2y 2n 12y 1n 1y \
        1n 1Cy 1n 1y 1n 1Dy 1n 1y 1n 1y 2n 1y 2n D777y 1n 39y 1n 39y 1n 39y 1n 39y 1n
        """
}
